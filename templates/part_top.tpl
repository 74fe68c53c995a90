{{%AUTOESCAPE context="HTML"}}
<body class="app">
<a class="skip" href="#main">[[Skip to content]]</a>
<header class="top">
{{#SIDE}}<a class="btn bare to-side" href="#side"><svg class="i" aria-hidden="true"><use href="[[@icons]]#menu"/></svg><span class="vh">[[Folders]]</span></a>{{/SIDE}}
{{>PART_BRAND}}
{{#OUTBOX_WORDS}}<a class="btn bare push outbox" href="[[@mount]]/outbox/"><svg class="i" aria-hidden="true"><use href="[[@icons]]#{{OUTBOX_ICON}}"/></svg><span class="lbl">{{OUTBOX_WORDS}}<span class="vh">: [[Outbox]]</span></span></a>{{/OUTBOX_WORDS}}
{{#ADDRESS}}<form class="search" role="search" action="[[@mount]]/search/">
<svg class="i" aria-hidden="true"><use href="[[@icons]]#search"/></svg><label class="vh" for="q">[[Search mail]]</label>
<input class="in" id="q" name="q" type="search" maxlength="1000" value="{{SEARCH_QUERY}}" placeholder="[[Search mail]]">
{{#SEARCH_HERE}}<label class="vh" for="where">[[Where]]</label><select class="where" id="where" name="in"><option value="">[[All folders]]</option><option value="{{SEARCH_HERE}}"{{#SEARCH_HERE_CHOSEN}} selected{{/SEARCH_HERE_CHOSEN}}>{{SEARCH_HERE_LABEL}}</option></select>{{/SEARCH_HERE}}
<button class="btn bare"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-right"/></svg><span class="vh">[[verb|Search]]</span></button>
</form>{{/ADDRESS}}
<details class="menu push">
<summary class="btn bare"><span class="me" aria-hidden="true">{{INITIALS}}</span> <span class="who-am-i">{{ADDRESS}}</span> <span class="vh">[[Account]]</span><i class="veil"></i></summary>
<div class="panel">
<p class="addr"><bdi>{{ADDRESS}}</bdi></p>
<hr>
<a class="btn bare" href="[[@mount]]/settings/"><svg class="i" aria-hidden="true"><use href="[[@icons]]#settings"/></svg>[[Settings]]</a>
{{#HELP_URL}}<a class="btn bare" href="{{HELP_URL}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#circle-question-mark"/></svg>[[Help desk]]</a>{{/HELP_URL}}
<hr>
<form method="post" action="[[@mount]]/settings/"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="next" value="{{HERE}}"><fieldset><legend class="label">[[Colours]]</legend>
<span class="seg"><button class="btn" name="theme" value="auto" aria-pressed="{{THEME_IS_AUTO}}">[[Auto]]</button> <button class="btn" name="theme" value="light" aria-pressed="{{THEME_IS_LIGHT}}">[[Light]]</button> <button class="btn" name="theme" value="dark" aria-pressed="{{THEME_IS_DARK}}">[[Dark]]</button></span></fieldset></form>
<hr>
<form method="post" action="[[@mount]]/logout"><input type="hidden" name="token" value="{{TOKEN}}"><button class="btn bare" name="do" value="logout"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#log-out"/></svg>[[Log out]]</button></form>
</div>
</details>
</header>
