// Runs before the first paint: the theme that was chosen in this browser, and whether the frame or a card comes.
{
  const { dataset } = document.documentElement;
  const kept = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  dataset.mantineColorScheme = kept('tradebot.scheme') === 'light' ? 'light' : 'dark';
  dataset.early = kept('tradebot.session') === null ? 'alone' : 'frame';
}
