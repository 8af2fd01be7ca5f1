// What a workflow takes from others by a name that may come to mean something else.

/** An action is the checkout's own, or is named by the hash of a commit, with its version beside it. */
const PINNED_ACTION = /^(?:\.\/\S+|\S+@[\da-f]{40} # v[\d.]+)$/;

/** An image is named by its digest, or at least by a version of three numbers. */
const PINNED_IMAGE = /@sha256:[\da-f]{64}$|:\d+\.\d+\.\d+(?:-[\w.-]+)?$/;

/** Not a volume, before whose colon is a path or a variable. */
const TAGGED_IMAGE = /^[a-z\d][\w./-]*[:@][\w.:@-]+$/;

/** The images that a step's commands start, as far as they have a tag; none if it starts none. */
function imagesOf(step) {
  if (!/\bdocker (?:run|pull|create)\b/.test(step)) return [];
  const images = step.split(/[\s'"]+/).filter((word) => TAGGED_IMAGE.test(word));
  return images.length > 0 ? images : ['an image without a tag'];
}

/** @returns {{ line: number, message: string }[]} */
export function floatingIn(workflow) {
  const found = [];
  let line = 1;
  // Each begins with the dash of a step, but for what comes before the first.
  for (const step of workflow.split(/^(?=\s*- )/m)) {
    for (const [index, text] of step.split('\n').entries()) {
      const [, key, value] = /^\s*(?:- )?(uses|image|container): +(\S.*)$/.exec(text) ?? [];
      if (key === undefined) continue;
      const isPinned = (key === 'uses' ? PINNED_ACTION : PINNED_IMAGE).test(value);
      if (!isPinned) found.push({ line: line + index, message: `${value} is not pinned` });
    }
    for (const image of imagesOf(step)) {
      if (!PINNED_IMAGE.test(image)) found.push({ line, message: `${image} is not pinned` });
    }
    line += step.split('\n').length - 1;
  }
  return found;
}
