// Telegram's own button, loaded when it is asked for; and the way in for whoever opens the site as a Mini App.
import { loadWidget } from './js/telegram-widget.js';
import { arriveByMiniApp } from './js/mini-app.js';

const place = document.querySelector('[data-sign-in]');
if (place) {
  const problem = place.querySelector('[data-problem]');
  const tell = (text) => {
    problem.textContent = text;
    problem.hidden = !text;
  };
  const returnTo = place.dataset.returnTo || '/';
  const button = place.querySelector('[data-load-widget]');
  if (button) {
    button.hidden = false;
    button.addEventListener('click', () => loadWidget(button, returnTo, tell));
  }
  if ('miniApp' in place.dataset) arriveByMiniApp(returnTo, tell);
}
