// Finds the names in a workflow that may refer to something else later.

/** An action of the checkout itself, or one named by the hash of a commit, with its version beside it. */
const PINNED_ACTION = /^(?:\.\/\S+|\S+@[\da-f]{40} # v[\d.]+)$/;

/** An image named by its digest, or at least by a version of three numbers. */
const PINNED_IMAGE = /@sha256:[\da-f]{64}$|:\d+\.\d+\.\d+(?:-[\w.-]+)?$/;

/** An image with a tag or digest. It is not a volume, which has a path or a variable before its colon. */
const TAGGED_IMAGE = /^[a-z\d][\w./-]*[:@][\w.:@-]+$/;

/** Returns the tagged images that a step's commands start; none if it starts none. */
function imagesOf(step) {
  if (!/\bdocker (?:run|pull|create)\b/.test(step)) return [];
  const images = step.split(/[\s'"]+/).filter((word) => TAGGED_IMAGE.test(word));
  return images.length > 0 ? images : ['an image without a tag'];
}

/** @returns {{ line: number, message: string }[]} */
export function floatingIn(workflow) {
  const found = [];
  let line = 1;
  // Each part begins with the dash of a step, except the text before the first step.
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
