{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
{{>PART_TOP}}
{{>PART_SIDE}}
<main id="main" tabindex="-1"><div class="page">
<h1>[[Labels]]</h1>
<p>[[Labels are marks of your own on messages. Other mail programs see them too, and messages keep them when a label is removed here.]] <a href="[[@mount]]/settings/">[[Settings]]</a></p>
{{#NOTICE}}<div class="note done" role="status"><svg class="i good" aria-hidden="true"><use href="[[@icons]]#circle-check"/></svg><p>{{NOTICE}}</p></div>{{/NOTICE}}
{{#LABEL_ERROR}}<div class="note box bad" role="alert"><svg class="i" aria-hidden="true"><use href="[[@icons]]#triangle-alert"/></svg><p>{{LABEL_ERROR}}</p></div>{{/LABEL_ERROR}}
{{#LABEL}}<section class="group" aria-labelledby="l{{LABEL_NUMBER}}"><div><h2 id="l{{LABEL_NUMBER}}">{{#LABEL_KEPT}}<span class="tag chip {{LABEL_COLOUR}}"><bdi>{{LABEL_SHOWN}}</bdi></span>{{/LABEL_KEPT}}{{#LABEL_NEW}}{{LABEL_SHOWN}}{{/LABEL_NEW}}</h2></div>
<form method="post" action="[[@mount]]/settings/labels/" class="stack gap"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="keyword" value="{{LABEL_KEYWORD}}">
<div class="two"><div class="field"><label for="n{{LABEL_NUMBER}}">[[Name]]</label><input class="in" id="n{{LABEL_NUMBER}}" name="name" type="text" value="{{LABEL_NAME}}" maxlength="60" required></div><div class="field"><label for="c{{LABEL_NUMBER}}">[[Colour]]</label><select id="c{{LABEL_NUMBER}}" name="colour">{{#LABEL_COLOUR_CHOICE}}<option value="{{LABEL_COLOUR_WORD}}"{{#LABEL_COLOUR_CHOSEN}} selected{{/LABEL_COLOUR_CHOSEN}}>{{LABEL_COLOUR_NAME}}</option>{{/LABEL_COLOUR_CHOICE}}</select></div></div>
<div class="row"><button class="btn pri" name="do" value="save">[[Save]]</button>{{#LABEL_KEPT}} <button class="btn danger" name="do" value="delete">[[Remove]]</button>{{/LABEL_KEPT}}</div></form></section>
{{/LABEL}}
</div></main>
{{>PART_FOOT}}
