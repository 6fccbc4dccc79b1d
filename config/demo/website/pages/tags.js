// Google's tag and Meta's base code as their makers give them out, without the loading of their own scripts.
window.ran = [];
window.dataLayer = window.dataLayer || [];
function gtag() { dataLayer.push(arguments); }
gtag("js", new Date());
gtag("config", "G-RIVERSIDE");
!function (f, n) {
  if (f.fbq) return;
  n = f.fbq = function () { n.callMethod ? n.callMethod.apply(n, arguments) : n.queue.push(arguments); };
  if (!f._fbq) f._fbq = n; n.push = n; n.loaded = !0; n.version = "2.0"; n.queue = [];
}(window);
fbq("init", "100200300");
fbq("track", "PageView");
