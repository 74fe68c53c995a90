{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
<body class="solo">
<a class="skip" href="#main">[[Skip to content]]</a>
<header class="top">{{>PART_BRAND}}</header>
<main id="main" tabindex="-1">
<div class="card">
<svg class="i big-i" aria-hidden="true"><use href="[[@icons]]#folder"/></svg>
<h1><bdi>{{SURE_HEADING}}</bdi></h1>
{{#SURE_WORDS}}<p>{{SURE_SENTENCE}}</p>
{{/SURE_WORDS}}
<form method="post" action="[[@mount]]/folders/"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="sure" value="yes"><input type="hidden" name="folder" value="{{FOLDER_ADDRESS}}">
<p class="row">{{#SURE_BUTTON}}<button class="btn{{#SURE_FIRST}} pri{{/SURE_FIRST}}" name="do" value="{{SURE_DO}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#{{SURE_ICON}}"/></svg>{{SURE_WORD}}</button> {{/SURE_BUTTON}}<a class="btn" href="{{SURE_BACK}}">[[Cancel]]</a></p>
</form>
</div>
</main>
{{>PART_FOOT}}
