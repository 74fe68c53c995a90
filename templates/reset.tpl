{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
<body class="solo">
<a class="skip" href="#main">[[Skip to content]]</a>
<header class="top">{{>PART_BRAND}}</header>
<main id="main" tabindex="-1">
<div class="card">
<svg class="i big-i" aria-hidden="true"><use href="[[@icons]]#settings"/></svg>
<h1>{{RESET_QUESTION}}</h1>
<ul>{{#RESET_ITEM}}<li>{{RESET_WORDS}}</li>{{/RESET_ITEM}}</ul>
<form method="post" action="[[@mount]]/settings/"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="reset" value="{{RESET_WHAT}}">
<p class="row"><button class="btn pri" name="do" value="reset">[[Reset]]</button> <a class="btn" href="[[@mount]]/settings/">[[Cancel]]</a></p>
</form>
</div>
</main>
{{>PART_FOOT}}
