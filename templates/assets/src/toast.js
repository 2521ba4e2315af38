const LIFE = 6000;

/** A toast leaves by itself, but waits while it is looked at; bad news stays until it is dismissed. */
export default () => ({
  timer: 0,
  init() {
    if (this.$root.dataset.tone === 'danger') return;
    this.start();
    this.$root.addEventListener('pointerenter', () => clearTimeout(this.timer));
    this.$root.addEventListener('pointerleave', () => this.start());
    this.$root.addEventListener('focusin', () => clearTimeout(this.timer));
    this.$root.addEventListener('focusout', () => this.start());
  },
  start() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.dismiss(), LIFE);
  },
  dismiss() {
    clearTimeout(this.timer);
    this.$root.remove();
  },
});
