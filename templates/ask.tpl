{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
<body class="solo">
<a class="skip" href="#main">[[Skip to content]]</a>
<header class="top">{{>PART_BRAND}}</header>
<main id="main" tabindex="-1">
<div class="card">
<svg class="i big-i" aria-hidden="true"><use href="[[@icons]]#{{ASK_ICON}}"/></svg>
<h1>{{ASK_HEADING}}</h1>
<ul>{{#QUESTION}}<li>{{QUESTION_WORDS}}</li>{{/QUESTION}}</ul>
<form method="post" action="[[@mount]]/compose"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="kept" value="{{KEPT}}"><input type="hidden" name="sure" value="yes">
<p class="row"><button class="btn pri" name="do" value="{{ASK_DO}}">{{ASK_BUTTON}}</button> <button class="btn" name="do" value="edit">[[Go on writing]]</button></p>
</form>
{{#ASK_HINT}}<p class="small quiet">[[Which of these questions are asked is chosen in the]] <a href="[[@mount]]/settings/#writing">[[settings]]</a>.</p>{{/ASK_HINT}}
</div>
</main>
{{>PART_FOOT}}
