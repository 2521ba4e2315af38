// Runs before the first paint: says that script works, and restores the folded sidebar without a jump.
document.documentElement.dataset.js = '';
if (localStorage.getItem('nav') === 'folded') document.documentElement.dataset.nav = 'folded';
