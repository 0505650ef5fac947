// Puts the login widget in the place of the button that asks for it. Nothing of telegram.org loads before.

export async function loadWidget(button, returnTo, tell) {
  button.disabled = true;
  tell('');
  try {
    const answer = await fetch('/api/v1/sign-in/telegram', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ way: 'widget', return_to: returnTo }),
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.detail || said.title);
    await show(button, said.url);
  } catch (error) {
    button.disabled = false;
    tell(error.message || 'Telegram’s button could not be loaded.');
  }
}

function show(button, url) {
  const place = button.closest('[data-widget]');
  const script = document.createElement('script');
  script.async = true;
  script.src = place.dataset.script;
  script.dataset.telegramLogin = place.dataset.widget;
  script.dataset.size = 'large';
  script.dataset.userpic = 'false';
  script.dataset.authUrl = url;
  return new Promise((resolve, reject) => {
    script.onload = () => {
      button.hidden = true;
      resolve();
    };
    script.onerror = () => {
      script.remove();
      reject(new Error('telegram.org could not be reached.'));
    };
    place.prepend(script);
  });
}
