package io.lamina.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An archive of images that others wrote, with the truth about them. Each is unpacked once a
 * machine and user, below {@code java.io.tmpdir}; what is there is to be read only. A test that
 * writes takes a {@linkplain #copy(Path, Path) copy}.
 *
 * <p>{@code README.md} of this module says what each one is for.
 */
public enum Fixture {
  /** Eight volumes: ext4 of every kind, dirty ones, xfs, raw. */
  KERNEL_THIN_BASIC("kernel-thin-basic"),
  /** Reference counts above two, a held root, great ids, a volume of 1 TiB. */
  KERNEL_THIN_SHARED_OVERFLOW("kernel-thin-shared-overflow"),
  /** Volumes over a read-only {@code origin.img}. */
  EXTERNAL_ORIGIN("external-origin"),
  /** A machine that was killed while it wrote. */
  KERNEL_THIN_CRASH_1("kernel-thin-crash-1"),
  /** A dirty journal whose revoke records matter. */
  KERNEL_THIN_REVOKE("kernel-thin-revoke"),
  /** Forty-four damaged copies of the metadata of {@link #KERNEL_THIN_BASIC}: {@code *.img}. */
  DAMAGED_METADATA("damaged-metadata"),
  /** A whole LVM physical volume, {@code pv.img}, with a thin pool in it. */
  LVM_THIN("lvm-thin"),
  /** {@code docker/}: what docker 20.10 keeps in {@code /var/lib/docker}, on devicemapper. */
  DOCKER_DEVICEMAPPER("docker-devicemapper"),
  /** {@code docker/}: the same of docker 1.9. */
  DOCKER19_DEVICEMAPPER("docker19-devicemapper"),
  /** {@code docker/}: the same of docker 1.7, on aufs. */
  DOCKER17_AUFS("docker17-aufs"),
  /** {@code docker/}: the same of docker 1.9, on aufs. */
  DOCKER19_AUFS("docker19-aufs"),
  /** {@code docker/}: the same of docker 20.10, on aufs. */
  DOCKER_AUFS("docker-aufs"),
  /** {@code docker/}: the same of docker 20.10, on overlay2. */
  DOCKER_OVERLAY2("docker-overlay2"),
  /** No pool: what the real aufs did, 133 scenarios of operations and what each gave. */
  AUFS_UNION("aufs-union");

  private static final String DOCKER_LOOP_FILES = "docker/devicemapper/devicemapper/";

  private final String label;

  Fixture(String label) {
    this.label = label;
  }

  /** Its name, as the archive and {@code README.md} have it. */
  public String label() {
    return label;
  }

  /** Where it is unpacked; the first caller waits until it is. */
  public Path directory() throws IOException {
    return isInDockerRoots()
        ? FixtureCache.directory(FixtureCache.DOCKER_ROOTS).resolve(label)
        : FixtureCache.directory(label);
  }

  private boolean isInDockerRoots() {
    return switch (this) {
      case DOCKER17_AUFS, DOCKER19_AUFS, DOCKER_AUFS, DOCKER_OVERLAY2 -> true;
      default -> false;
    };
  }

  /** Whether it has a pool, with both its devices. */
  public boolean hasPool() {
    return this != DAMAGED_METADATA && this != AUFS_UNION && !isInDockerRoots();
  }

  /** The docker root in it: {@code /var/lib/docker}, unpacked as any user. */
  public Path dockerRoot() throws IOException {
    return file("docker");
  }

  /**
   * The docker root in it, on aufs or overlay2, with owners, modes, times, attributes and device
   * nodes: only root can have it.
   */
  public Path dockerRootWithOwners() throws IOException {
    return FixtureCache.withOwners(label, file("var-lib-docker.tar"));
  }

  /** What docker printed: {@code images.txt}, {@code history-app_1.txt}. */
  public Path docker(String name) throws IOException {
    Path inTruth = directory().resolve("truth").resolve(name);
    return Files.exists(inTruth) ? inTruth : file(name);
  }

  /**
   * One file of it.
   *
   * @param name its path below {@link #directory()}
   */
  public Path file(String name) throws IOException {
    Path file = directory().resolve(name);
    if (!Files.exists(file)) {
      throw new IOException(label + " has no " + name);
    }
    return file;
  }

  /** The metadata device of its pool. */
  public Path metadata() throws IOException {
    return file(poolFile("metadata"));
  }

  /** The data device of its pool. */
  public Path data() throws IOException {
    return file(poolFile("data"));
  }

  private String poolFile(String role) {
    return switch (this) {
      case DOCKER_DEVICEMAPPER, DOCKER19_DEVICEMAPPER -> DOCKER_LOOP_FILES + role;
      case LVM_THIN -> LvmCarving.fileOf(role);
      case DAMAGED_METADATA,
          DOCKER17_AUFS,
          DOCKER19_AUFS,
          DOCKER_AUFS,
          DOCKER_OVERLAY2,
          AUFS_UNION ->
          throw new IllegalStateException(label + " is no pool");
      default -> role + ".img";
    };
  }

  /** What the kernel said about its pool and the devices in it. */
  public Truth truth() throws IOException {
    return Truth.read(this);
  }

  /** Copies a file of a fixture, leaving out what is zero: holes stay holes. */
  public static Path copy(Path source, Path target) throws IOException {
    SparseFiles.copy(source, target);
    return target;
  }
}
