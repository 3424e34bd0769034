package io.lamina.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The rooms of the house: who may use whom. */
class ArchitectureTest {
  private static final String[] BELOW_MOUNT = {
    "fuse",
    "layer",
    "layer.archive",
    "layer.change",
    "layer.image",
    "layer.union",
    "graph",
    "volume",
    "ext4",
    "ext4.format",
    "ext4.journal",
    "xfs",
    "fs",
    "fs.virtual",
    "fs.host",
    "digest",
    "thin.repair",
    "thin.restore",
    "thin.check",
    "thin.compare",
    "thin.dump",
    "thin",
    "source",
    "walk",
    "space",
    "btree",
    "persist",
    "block",
    "ondisk",
    "threads"
  };

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("io.lamina");

  @Test
  void everyRoomUsesOnlyWhatLiesBelowIt() {
    rooms().check(CLASSES);
  }

  @Test
  void noPackageUsesItselfInACircle() {
    slices().matching("io.lamina.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void nativeCallsAreMadeInThreePackages() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.lamina.fuse..", "io.lamina.fs.host..", "io.lamina.digest..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("jnr..", "ru.serce..")
        .check(CLASSES);
  }

  @Test
  void jsonIsReadAndWrittenInFourPackages() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "io.lamina.graph..", "io.lamina.source..", "io.lamina.images..", "io.lamina.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.fasterxml.jackson..")
        .check(CLASSES);
  }

  @Test
  void theCommandLineIsParsedInOnePackage() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.lamina.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("picocli..")
        .check(CLASSES);
  }

  @Test
  void everyPackageIsNullMarked() {
    classes().should(resideInANullMarkedPackage()).check(CLASSES);
  }

  private static LayeredArchitecture rooms() {
    LayeredArchitecture rooms =
        layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("io.lamina..")
            .withOptionalLayers(true)
            .layer("cli")
            .definedBy(packageOf("cli"))
            .layer("mount")
            .definedBy(packageOf("mount"))
            .layer("control")
            .definedBy(packageOf("control"));
    for (String name : BELOW_MOUNT) {
      rooms = rooms.layer(name).definedBy(packageOf(name));
    }
    rooms = uses(rooms, "cli", concat(BELOW_MOUNT, "mount", "control"));
    rooms = uses(rooms, "mount", BELOW_MOUNT);
    rooms = uses(rooms, "control", "threads");
    rooms = uses(rooms, "fuse", "fs", "fs.virtual", "threads");
    rooms =
        uses(
            rooms,
            "layer",
            "layer.archive",
            "layer.change",
            "layer.union",
            "graph",
            "volume",
            "ext4",
            "fs",
            "fs.host",
            "fs.virtual",
            "thin",
            "thin.compare",
            "thin.dump",
            "source",
            "block",
            "ondisk",
            "threads");
    rooms =
        uses(
            rooms,
            "layer.image",
            "layer",
            "layer.archive",
            "layer.union",
            "graph",
            "fs",
            "digest",
            "ondisk");
    rooms = uses(rooms, "layer.archive", "layer.union", "graph", "fs", "digest", "threads");
    rooms = uses(rooms, "layer.change", "layer.union", "fs", "fs.virtual");
    rooms = uses(rooms, "layer.union", "fs");
    rooms = uses(rooms, "graph");
    rooms = uses(rooms, "volume", "ext4", "ext4.format", "xfs", "fs", "fs.host", "block", "ondisk");
    rooms = uses(rooms, "ext4", "ext4.format", "ext4.journal", "fs", "block", "ondisk", "threads");
    rooms = uses(rooms, "ext4.format", "fs", "ondisk");
    rooms = uses(rooms, "ext4.journal", "ext4.format", "block", "ondisk");
    rooms = uses(rooms, "xfs", "fs", "block", "ondisk");
    rooms = uses(rooms, "fs.host", "fs", "threads");
    rooms = uses(rooms, "fs.virtual", "fs");
    rooms = uses(rooms, "fs");
    rooms = uses(rooms, "digest");
    rooms =
        uses(rooms, "thin", "source", "space", "btree", "persist", "block", "ondisk", "threads");
    rooms = uses(rooms, "thin.dump", "thin", "space", "walk", "persist", "block", "ondisk");
    rooms = uses(rooms, "thin.compare", "thin.dump", "thin", "space", "walk");
    rooms =
        uses(rooms, "thin.check", "thin", "space", "btree", "walk", "persist", "block", "ondisk");
    rooms =
        uses(
            rooms,
            "thin.restore",
            "thin.check",
            "thin.dump",
            "thin",
            "space",
            "btree",
            "persist",
            "ondisk");
    rooms = uses(rooms, "thin.repair", "thin.dump", "thin", "space", "walk", "block", "ondisk");
    rooms = uses(rooms, "walk", "btree", "persist", "block", "ondisk");
    rooms = uses(rooms, "source", "block", "ondisk");
    rooms = uses(rooms, "space", "btree", "persist", "block", "ondisk");
    rooms = uses(rooms, "btree", "persist", "ondisk");
    rooms = uses(rooms, "persist", "block", "ondisk");
    rooms = uses(rooms, "block", "ondisk");
    rooms = uses(rooms, "ondisk");
    return uses(rooms, "threads");
  }

  private static LayeredArchitecture uses(
      LayeredArchitecture rooms, String name, String... others) {
    return others.length == 0
        ? rooms.whereLayer(name).mayNotAccessAnyLayer()
        : rooms.whereLayer(name).mayOnlyAccessLayers(others);
  }

  private static String packageOf(String name) {
    return switch (name) {
      case "space", "btree", "walk" -> "io.lamina.persist." + name;
      case "cli", "mount", "control", "fuse", "graph" -> "io.lamina." + name + "..";
      default -> "io.lamina." + name;
    };
  }

  private static String[] concat(String[] some, String... others) {
    String[] all = java.util.Arrays.copyOf(some, some.length + others.length);
    System.arraycopy(others, 0, all, some.length, others.length);
    return all;
  }

  private static ArchCondition<JavaClass> resideInANullMarkedPackage() {
    return new ArchCondition<>("reside in a package that is @NullMarked") {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        boolean marked = item.getPackage().isAnnotatedWith(NullMarked.class);
        events.add(
            new SimpleConditionEvent(
                item, marked, item.getPackageName() + " of " + item.getName() + " is not marked"));
      }
    };
  }
}
