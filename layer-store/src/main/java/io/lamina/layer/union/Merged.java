package io.lamina.layer.union;

import io.lamina.fs.FileType;
import java.util.List;

/**
 * What the branches have of one name.
 *
 * @param stack the file that shows, alone; or the directories that are shown as one, topmost first
 * @param type what shows
 * @param branchInodeNr its number in its branch
 */
record Merged(List<BranchNode> stack, FileType type, long branchInodeNr) {
  BranchNode top() {
    return stack.get(0);
  }
}
