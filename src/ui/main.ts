import './styles/early.css';

/** The first frame is on the screen after so long, also in a tab that is not shown, which paints nothing. */
const PAINTED_MS = 100;

/** The browser shows the frame of index.html before it reads and runs the app. */
const painted = new Promise<void>((resolve) => {
  requestAnimationFrame(() => setTimeout(resolve));
  setTimeout(resolve, PAINTED_MS);
});

painted
  .then(() => import('./app/start.js'))
  .then(
    ({ start }) => start(),
    () => {
      const text = document.getElementById('early-text');
      if (text !== null) text.textContent = 'TradeBot could not be loaded. Load the page again.';
    },
  );
