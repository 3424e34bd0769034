package io.lamina.layer.union;

import io.lamina.fs.Attributes;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.layer.union.RuleSet.Answer;
import io.lamina.layer.union.RuleSet.Meaning;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds what several directories show together: of one name, and of all. */
final class Merge {
  private final List<Branch> branches;
  private final RuleSet rules;

  Merge(List<Branch> branches, RuleSet rules) {
    this.branches = branches;
    this.rules = rules;
  }

  /**
   * What shows of one name; null where nothing does.
   *
   * @param directories those that are shown as one, topmost first
   */
  @Nullable Merged find(List<BranchNode> directories, Name name) throws IOException {
    Collecting collecting = new Collecting();
    Name sought = name;
    for (BranchNode directory : directories) {
      Answer answer = rules.ask(branch(directory), directory.node(), sought);
      if (answer.file() != null && !collecting.add(directory.branchNr(), answer.file())) {
        break;
      }
      if (answer.hidesBelow()) {
        break;
      }
      Name redirect = collecting.redirect;
      collecting.redirect = null;
      if (redirect != null && redirect.latin1().startsWith("/")) {
        findByPath(collecting, directory.branchNr() + 1, redirect);
        break;
      }
      if (redirect != null) {
        sought = redirect;
      }
    }
    return collecting.result();
  }

  /** Goes on below a directory whose lower part lies at a path from the roots of the branches. */
  private void findByPath(Collecting collecting, int fromBranchNr, Name path) throws IOException {
    Name sought = path;
    for (int branchNr = fromBranchNr; branchNr < branches.size(); branchNr++) {
      Found found = find(branches.get(branchNr), sought);
      boolean goesOn = found.file() == null || collecting.add(branchNr, found.file());
      if (!goesOn || found.hidesBelow()) {
        return;
      }
      sought = found.pathBelow();
    }
  }

  /**
   * What one branch has at a path.
   *
   * @param hidesBelow whether those below have nothing there that shows
   * @param pathBelow where they have it
   */
  private record Found(@Nullable Node file, boolean hidesBelow, Name pathBelow) {}

  private Found find(Branch branch, Name path) throws IOException {
    String[] parts = path.latin1().substring(1).split("/", -1);
    StringBuilder below = new StringBuilder();
    @Nullable Node at = branch.root();
    boolean hidesBelow = false;
    for (int i = 0; i < parts.length; i++) {
      Name part = Name.ofLatin1(parts[i]);
      Answer answer = at == null ? Answer.NOTHING : rules.ask(branch, at, part);
      at = answer.file();
      Name redirect = at == null ? null : rules.redirect(at);
      if (redirect != null && isPath(redirect)) {
        below.setLength(0);
        below.append(redirect.latin1());
      } else {
        below.append('/').append(redirect == null ? parts[i] : redirect.latin1());
      }
      hidesBelow |= answer.hidesBelow() || (at != null && endsPath(branch, at, i, parts.length));
      at = hidesBelow && i < parts.length - 1 && !isDirectory(at) ? null : at;
    }
    return new Found(at, hidesBelow, Name.ofLatin1(below.toString()));
  }

  /** Whether nothing below a file on a path is at that path any more. */
  private boolean endsPath(Branch branch, Node file, int at, int length) throws IOException {
    return isDirectory(file) ? rules.isOpaque(branch, file) : at < length - 1;
  }

  private static boolean isDirectory(@Nullable Node file) throws IOException {
    return file != null && file.attributes().isDirectory();
  }

  /**
   * The content of a file of which a branch has only the attributes.
   *
   * @param below the directories in lower branches that are shown as one with the file's own
   * @param name the file's, in its own directory
   * @return null where no lower branch has it
   */
  @Nullable Node content(List<BranchNode> below, Name name, BranchNode metadata)
      throws IOException {
    Name sought = redirected(name, metadata.node());
    if (isPath(sought)) {
      return contentByPath(metadata.branchNr() + 1, sought);
    }
    for (BranchNode directory : below) {
      Answer answer = rules.ask(branch(directory), directory.node(), sought);
      Node file = answer.file();
      if (file != null && isWhole(file)) {
        return isRegular(file) ? file : null;
      }
      if (answer.hidesBelow()) {
        return null;
      }
      sought = file == null ? sought : redirected(sought, file);
      if (isPath(sought)) {
        return contentByPath(directory.branchNr() + 1, sought);
      }
    }
    return null;
  }

  /** The same of one whose content lies at a path from the roots of the branches. */
  private @Nullable Node contentByPath(int fromBranchNr, Name path) throws IOException {
    Name sought = path;
    for (int branchNr = fromBranchNr; branchNr < branches.size(); branchNr++) {
      Found found = find(branches.get(branchNr), sought);
      Node file = found.file();
      if (file != null && isWhole(file)) {
        return isRegular(file) ? file : null;
      }
      if (found.hidesBelow()) {
        return null;
      }
      sought = found.pathBelow();
    }
    return null;
  }

  private boolean isWhole(Node file) throws IOException {
    return !isRegular(file) || !rules.isMetadataOnly(file);
  }

  private Name redirected(Name name, Node file) throws IOException {
    Name redirect = rules.redirect(file);
    return redirect == null ? name : redirect;
  }

  private static boolean isPath(Name redirect) {
    return redirect.latin1().startsWith("/");
  }

  private static boolean isRegular(Node file) throws IOException {
    return file.attributes().type() == FileType.REGULAR;
  }

  private Branch branch(BranchNode node) {
    return branches.get(node.branchNr());
  }

  /** What has been found so far. */
  private final class Collecting {
    private final List<BranchNode> stack = new ArrayList<>(2);
    private @Nullable Attributes top;
    private @Nullable Name redirect;

    /** Takes what one branch has; gives whether those below matter. */
    boolean add(int branchNr, Node file) throws IOException {
      Attributes attributes = file.attributes();
      if (!attributes.isDirectory() && !stack.isEmpty()) {
        return !rules.endsAtNonDirectory();
      }
      stack.add(new BranchNode(branchNr, file));
      if (top == null) {
        top = attributes;
      }
      if (!attributes.isDirectory() || branchNr == branches.size() - 1) {
        return false;
      }
      Branch branch = branches.get(branchNr);
      if (rules.isOpaque(branch, file)) {
        return false;
      }
      redirect = rules.redirect(file);
      return true;
    }

    @Nullable Merged result() {
      Attributes attributes = top;
      return attributes == null
          ? null
          : new Merged(List.copyOf(stack), attributes.type(), attributes.inodeNr());
    }
  }

  /** Tells the number that the union shows of a branch's file. */
  @FunctionalInterface
  interface Numbering {
    long inodeNr(int branchNr, long branchInodeNr);
  }

  /** All that several directories show together. */
  MergedEntries all(List<BranchNode> directories, Numbering numbering) throws IOException {
    MergedEntries entries = new MergedEntries(directories);
    Set<Name> hidden = new HashSet<>();
    for (BranchNode directory : directories) {
      new BranchListing(directory, entries, hidden, numbering).run();
    }
    return entries;
  }

  /** Lays one branch's entries below those of the branches above it. */
  private final class BranchListing {
    private final BranchNode directory;
    private final MergedEntries entries;
    private final Set<Name> hidden;
    private final Numbering numbering;
    private final List<Meaning> whiteouts = new ArrayList<>();
    private @Nullable IOException failure;

    BranchListing(
        BranchNode directory, MergedEntries entries, Set<Name> hidden, Numbering numbering) {
      this.directory = directory;
      this.entries = entries;
      this.hidden = hidden;
      this.numbering = numbering;
    }

    void run() throws IOException {
      directory.node().list(0, (name, inodeNr, type, next) -> take(name, inodeNr, type));
      if (failure != null) {
        throw failure;
      }
      for (Meaning whiteout : whiteouts) {
        hide(Objects.requireNonNull(whiteout.hidden()), whiteout.isUnclear());
      }
    }

    private boolean take(Name name, long inodeNr, FileType type) {
      try {
        Meaning meaning = rules.meaning(branch(directory), directory.node(), name, type);
        if (meaning.hidden() != null) {
          whiteouts.add(meaning);
        }
        Name shown = meaning.shown();
        if (shown != null && !hidden.contains(shown)) {
          add(shown, inodeNr, type);
        }
        return true;
      } catch (IOException e) {
        failure = e;
        return false;
      }
    }

    private void add(Name name, long inodeNr, FileType type) {
      MergedEntries.Entry above = entries.get(name);
      int branchNr = directory.branchNr();
      if (above == null) {
        long shownNr = numbering.inodeNr(branchNr, inodeNr);
        entries.put(new MergedEntries.Entry(name, type, shownNr, inodeNr, List.of(branchNr)));
      } else if (isOwn(above)) {
        return; // listed twice, as a branch may that is changed meanwhile
      } else if (above.type() == FileType.DIRECTORY && type == FileType.DIRECTORY) {
        List<Integer> more = new ArrayList<>(above.branchNrs());
        more.add(branchNr);
        entries.put(in(above, more));
      } else if (rules.endsAtNonDirectory()) {
        hidden.add(name);
      }
    }

    private boolean isOwn(MergedEntries.Entry entry) {
      return entry.branchNrs().get(entry.branchNrs().size() - 1) == directory.branchNr();
    }

    private static MergedEntries.Entry in(MergedEntries.Entry entry, List<Integer> branchNrs) {
      return new MergedEntries.Entry(
          entry.name(), entry.type(), entry.inodeNr(), entry.branchInodeNr(), branchNrs);
    }

    /** A whiteout hides what is below it, and what its own branch has of that name. */
    private void hide(Name name, boolean isUnclear) {
      MergedEntries.Entry entry = entries.get(name);
      boolean isAbove = entry != null;
      if (entry != null && isOwn(entry)) {
        List<Integer> above = entry.branchNrs().subList(0, entry.branchNrs().size() - 1);
        isAbove = !above.isEmpty();
        if (isAbove) {
          entries.put(in(entry, above));
        } else {
          entries.remove(name);
        }
      }
      if (hidden.add(name) && isUnclear && !isAbove) {
        entries.addUnclear(name);
      }
    }
  }

  /**
   * What shows of a listed name: as {@link #find}, but only the branches that have it are asked. A
   * branch that somebody changed beside the union may have something else under the name by now:
   * then all are asked.
   *
   * @return null where it is gone, or where the entry does not tell enough
   */
  @Nullable Merged find(
      List<BranchNode> directories, MergedEntries entries, MergedEntries.Entry entry)
      throws IOException {
    List<BranchNode> stack = new ArrayList<>(entry.branchNrs().size());
    int at = 0;
    for (BranchNode directory : directories) {
      if (at < entry.branchNrs().size() && directory.branchNr() == entry.branchNrs().get(at)) {
        boolean isFirst = at++ == 0;
        long removalCount = isFirst ? entries.removalCount(directory.branchNr()) : 0;
        Node file =
            isFirst
                ? directory.node().listedChild(entry.name(), entry.branchInodeNr(), removalCount)
                : directory.node().child(entry.name());
        if (file == null) {
          return null;
        }
        if (isFirst && directory.node().removalCount() != removalCount && isOther(file, entry)) {
          return find(directories, entry.name());
        }
        stack.add(new BranchNode(directory.branchNr(), file));
        boolean mayHide = entry.type() == FileType.DIRECTORY && at < entry.branchNrs().size();
        if (mayHide && rules.isOpaque(branch(directory), file)) {
          break;
        }
      }
    }
    return stack.isEmpty() ? null : new Merged(stack, entry.type(), entry.branchInodeNr());
  }

  private static boolean isOther(Node file, MergedEntries.Entry entry) throws IOException {
    Attributes attributes = file.attributes();
    return attributes.inodeNr() != entry.branchInodeNr() || attributes.type() != entry.type();
  }

  /** Whether an entry tells enough to find its directories by. */
  boolean tellsEnough(MergedEntries.Entry entry) {
    return entry.type() != FileType.DIRECTORY || rules.keepsNamesBelow();
  }
}
