/** A diagram wider than its place begins with its first state, whatever ways run left of it. */
export default function diagram(box) {
  const state = box.querySelector('.wf-state');
  if (!state) return;
  const [left, right] = [box.getBoundingClientRect().left, state.getBoundingClientRect().left];
  box.scrollLeft += right - left - 16;
}
