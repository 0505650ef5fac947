// Opened by a bot, the address ends in what Telegram vouches with. It is good once, and does not stay in the address.

export async function arriveByMiniApp(returnTo, tell) {
  const data = new URLSearchParams(location.hash.slice(1)).get('tgWebAppData');
  if (!data) return;
  history.replaceState(null, '', location.pathname + location.search);
  try {
    const answer = await fetch('/api/v1/sign-in/telegram/mini-app', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ init_data: data }),
    });
    if (answer.ok) return location.replace(returnTo);
    const said = await answer.json();
    tell(said.detail || said.title);
  } catch {
    tell('The site could not be reached. Please try again.');
  }
}
