import Sortable from 'sortablejs';

const PLACE = 'board:place';

/** Dragging a card presses the entry of its "Move to" menu that leads to the lane; a lane without one refuses the card. */
export default function board(element) {
  const place = sessionStorage.getItem(PLACE);
  if (place) element.scrollLeft = Number(place);
  sessionStorage.removeItem(PLACE);

  const move = (card, lane) => card.querySelector(`[data-move-to="${CSS.escape(lane)}"]`);

  element.querySelectorAll('[data-lane]').forEach((lane) =>
    Sortable.create(lane, {
      group: { name: 'board', put: (to, _from, card) => Boolean(move(card, to.el.dataset.lane)) },
      animation: 150,
      draggable: '.kcard',
      filter: 'details',
      preventOnFilter: false,
      delay: 150,
      delayOnTouchOnly: true,
      sort: false,
      onStart: ({ item }) => mark(item),
      onEnd: ({ item, from, to }) => {
        unmark();
        if (from === to) return;
        sessionStorage.setItem(PLACE, String(element.scrollLeft));
        move(item, to.dataset.lane).click();
      },
    }),
  );

  function mark(card) {
    element.querySelectorAll('[data-lane]').forEach((lane) => {
      lane.parentElement.classList.toggle('refuses', !lane.contains(card) && !move(card, lane.dataset.lane));
    });
  }

  function unmark() {
    element.querySelectorAll('.refuses').forEach((lane) => lane.classList.remove('refuses'));
  }
}
