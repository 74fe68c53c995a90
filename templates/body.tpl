{{%AUTOESCAPE context="HTML"}}
<!DOCTYPE html>
<html lang="[[@lang]]" data-look="{{LOOK}}">
<head>
<meta charset="utf-8">
<title>{{TITLE}}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { display: flow-root; margin: 0; padding: 1rem .25rem; font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff; overflow-wrap: break-word; }
a { color: #1c5a96; }
img, table { max-width: 100%; }
img:not([src]) { outline: 1px dashed #8a8a8a; outline-offset: -1px; }
pre { white-space: pre-wrap; }
blockquote { margin: .75rem 0; padding-inline-start: 1rem; border-inline-start: 2px solid #8a8a8a; }
@supports (color: light-dark(#000, #fff)) {
:root { color-scheme: light; }
:root[data-look="auto"] { color-scheme: light dark; }
:root[data-look="dark"] { color-scheme: dark; }
body { color: light-dark(#222222, #e6e4df); background: light-dark(#ffffff, #1a1b1c); }
a { color: light-dark(#1c5a96, #8dbdf0); }
}
@media (max-width: 40rem) {
body { overflow-wrap: anywhere; }
img { height: auto; }
div, p, table, tbody, tr, td, th, img, pre { max-width: 100% !important; min-width: 0 !important; }
div, table, td, th { width: auto !important; }
td, th { white-space: normal !important; }
}
@media print { body { padding: 0; } }
</style>
</head>
<body>
<main>
{{SAFE_HTML:none}}
</main>
</body>
</html>
