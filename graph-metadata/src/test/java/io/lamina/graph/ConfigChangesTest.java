package io.lamina.graph;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigChangesTest {
  private static String changed(String config, String... changes) throws IOException {
    JsonObject json = JsonObject.parse("config", config.getBytes(UTF_8));
    return GoJson.line(ConfigChanges.applied(json, List.of(changes)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CMD [\"/bin/app\", \"-v\"] | {\"Cmd\":[\"/bin/app\",\"-v\"]}",
        "CMD app -v               | {\"Cmd\":[\"/bin/sh\",\"-c\",\"app -v\"]}",
        "entrypoint [\"/e\"]      | {\"Entrypoint\":[\"/e\"],\"Cmd\":null}",
        "USER www                 | {\"User\":\"www\"}",
        "WORKDIR /srv             | {\"WorkingDir\":\"/srv\"}",
        "ENV A=1 B=\"2 3\"        | {\"Env\":[\"A=1\",\"B=2 3\"]}",
        "ENV A 1 2                | {\"Env\":[\"A=1 2\"]}",
        "LABEL a=b                | {\"Labels\":{\"a\":\"b\"}}",
        "VOLUME /data /log        | {\"Volumes\":{\"/data\":{},\"/log\":{}}}",
        "EXPOSE 80 53/udp         | {\"ExposedPorts\":{\"53/udp\":{},\"80/tcp\":{}}}",
        "EXPOSE 8000-8002/sctp    "
            + "| {\"ExposedPorts\":{\"8000/sctp\":{},\"8001/sctp\":{},\"8002/sctp\":{}}}",
        "ONBUILD RUN make         | {\"OnBuild\":[\"RUN make\"]}",
      })
  void anInstructionSetsItsField(String change, String config) throws IOException {
    assertThat(changed("{}", change)).isEqualTo(config);
  }

  @Test
  void whatIsThereAlreadyIsKeptOrReplacedByName() throws IOException {
    assertThat(
            changed(
                "{\"Env\":[\"PATH=/bin\",\"A=1\"],\"WorkingDir\":\"/srv\"}",
                "ENV A=2",
                "WORKDIR www"))
        .isEqualTo("{\"Env\":[\"PATH=/bin\",\"A=2\"],\"WorkingDir\":\"/srv/www\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NONE                                   | {\"Test\":[\"NONE\"]}",
        "CMD curl -f localhost                  | {\"Test\":[\"CMD-SHELL\",\"curl -f localhost\"]}",
        "CMD [\"/check\", \"now\"]              | {\"Test\":[\"CMD\",\"/check\",\"now\"]}",
        "--interval=1m30s --timeout=1.5s --start-period=100ms --retries=3 cmd x "
            + "| {\"Test\":[\"CMD-SHELL\",\"x\"],\"Interval\":90000000000,"
            + "\"Timeout\":1500000000,\"StartPeriod\":100000000,\"Retries\":3}",
        "--interval=1500\u00b5s --timeout=2500\u03bcs cmd x "
            + "| {\"Test\":[\"CMD-SHELL\",\"x\"],\"Interval\":1500000,\"Timeout\":2500000}",
      })
  void aHealthCheckIsWrittenWithItsKindAndInNanoseconds(String text, String check)
      throws IOException {
    assertThat(changed("{}", "HEALTHCHECK " + text)).isEqualTo("{\"Healthcheck\":" + check + "}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "ENV PATH=$PATH:/opt X=${A}b        | PATH=/bin:/opt A=1 X=1b",
        "ENV A=2 B=$A                       | PATH=/bin A=2 B=1",
        "ENV B=\"$A \\$A\" C='$A' D=\\$A    | PATH=/bin A=1 B=1 $A C=$A D=$A",
        "ENV B=${NO:-x$A} C=${A:+y} D=${NO} | PATH=/bin A=1 B=x1 C=y D=",
        "ENV B \"two $A\" words              | PATH=/bin A=1 B=two 1 words",
        "ENV B=$ C=$-                       | PATH=/bin A=1 B=$ C=$-",
      })
  void variablesStandForTheirValues(String change, String environment) throws IOException {
    JsonObject json =
        JsonObject.parse("config", "{\"Env\":[\"PATH=/bin\",\"A=1\"]}".getBytes(UTF_8));
    assertThat(String.join(" ", texts(ConfigChanges.applied(json, List.of(change)).get("Env"))))
        .isEqualTo(environment);
  }

  @Test
  void theyStandForThemInOtherInstructionsToo() throws IOException {
    String config = "{\"Env\":[\"A=1\"],\"Cmd\":[\"sh\"]}";
    assertThat(
            changed(
                config,
                "USER u$A",
                "WORKDIR /w/$A",
                "WORKDIR ../x",
                "LABEL l=$A",
                "VOLUME /v$A",
                "EXPOSE 8$A",
                "CMD [\"$A\"]"))
        .isEqualTo(
            "{\"Env\":[\"A=1\"],\"Cmd\":[\"$A\"],\"User\":\"u1\",\"WorkingDir\":\"/w/x\","
                + "\"Labels\":{\"l\":\"1\"},\"Volumes\":{\"/v1\":{}},"
                + "\"ExposedPorts\":{\"81/tcp\":{}}}");
  }

  @Test
  void anEntrypointTakesTheOldCommandAway() throws IOException {
    String config = "{\"Cmd\":[\"sh\"],\"Entrypoint\":null}";
    assertThat(changed(config, "ENTRYPOINT [\"/e\"]"))
        .isEqualTo("{\"Cmd\":null,\"Entrypoint\":[\"/e\"]}");
    assertThat(changed(config, "CMD [\"a\"]", "ENTRYPOINT [\"/e\"]"))
        .isEqualTo("{\"Cmd\":[\"a\"],\"Entrypoint\":[\"/e\"]}");
    assertThat(changed(config, "CMD []")).isEqualTo(config);
  }

  private static List<String> texts(@Nullable Object list) {
    return ((List<?>) Objects.requireNonNull(list)).stream().map(String::valueOf).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ENV A=${B",
        "ENV A=${}",
        "ENV A=${B:?must}",
        "ENV A=${B:=x}",
        "ENV A='x",
        "ONBUILD ONBUILD RUN x",
        "ONBUILD from x",
        "RUN make",
        "USER",
        "ENV A",
        "EXPOSE 0",
        "EXPOSE 65536",
        "EXPOSE 90-80",
        "EXPOSE 80/icmp",
        "HEALTHCHECK",
        "HEALTHCHECK NONE now",
        "HEALTHCHECK CMD",
        "HEALTHCHECK CMD []",
        "HEALTHCHECK HTTP /",
        "HEALTHCHECK --interval=1us CMD x",
        "HEALTHCHECK --interval=soon CMD x",
        "HEALTHCHECK --interval=99999999999h CMD x",
        "HEALTHCHECK --retries=0 CMD x",
        "HEALTHCHECK --often=1s CMD x",
      })
  void whatDockerRefusesIsRefused(String change) {
    assertThatThrownBy(() -> changed("{}", change)).isInstanceOf(IllegalArgumentException.class);
  }
}
