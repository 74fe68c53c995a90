{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
<body class="sheet">
<nav class="back" aria-label="[[Way back]]"><a class="btn bare" href="{{UNPRINT_URL}}"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-left"/></svg>[[Back to the message]]</a> <span class="quiet small">[[Print it with your browser.]]</span></nav>
<main id="main" tabindex="-1">
{{>PART_LETTER}}
</main>
</body>
</html>
