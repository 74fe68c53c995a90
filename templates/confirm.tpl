{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
<body class="solo">
<a class="skip" href="#main">[[Skip to content]]</a>
<header class="top">{{>PART_BRAND}}</header>
<main id="main" tabindex="-1">
<div class="card">
<svg class="i big-i" aria-hidden="true"><use href="[[@icons]]#trash-2"/></svg>
<h1>{{CONFIRM_QUESTION}}</h1>
<p>[[Nobody can bring them back afterwards.]]</p>
<form method="post" action="{{CONFIRM_URL}}"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="sure" value="yes"><input type="hidden" name="v" value="{{VALIDITY}}">{{#PLACE}}<input type="hidden" name="{{PLACE_NAME}}" value="{{PLACE_VALUE}}">{{/PLACE}}{{#ALL_COUNT}}<input type="hidden" name="all" value="1">{{#ALL_BELOW}}<input type="hidden" name="below" value="{{ALL_BELOW}}">{{/ALL_BELOW}}<input type="hidden" name="count" value="{{ALL_COUNT}}"><input type="hidden" name="rows" value="0">{{/ALL_COUNT}}{{#CONFIRM_MARK}}<input type="hidden" name="m" value="{{CONFIRM_MARK_VALUE}}">{{/CONFIRM_MARK}}
<p class="row"><button class="btn pri" name="do" value="purge"><svg class="i" aria-hidden="true"><use href="[[@icons]]#trash-2"/></svg>[[Delete for good]]</button> <a class="btn" href="{{CONFIRM_BACK_URL}}">[[Cancel]]</a></p>
</form>
</div>
</main>
{{>PART_FOOT}}
