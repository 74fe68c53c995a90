{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
{{>PART_TOP}}
{{>PART_SIDE}}
<main id="main" tabindex="-1"><div class="page">
<h1>[[Identities and signatures]]</h1>
<p>[[New messages come from the first. An answer comes from the address that was written to.]] <a href="[[@mount]]/settings/">[[Settings]]</a></p>
{{#NOTICE}}<div class="note done" role="status"><svg class="i good" aria-hidden="true"><use href="[[@icons]]#circle-check"/></svg><p>{{NOTICE}}</p></div>{{/NOTICE}}
{{#IDENTITY_ERROR}}<div class="note box bad" role="alert"><svg class="i" aria-hidden="true"><use href="[[@icons]]#triangle-alert"/></svg><p>{{IDENTITY_ERROR}}</p></div>{{/IDENTITY_ERROR}}
{{#IDENTITY}}<section class="group" aria-labelledby="i{{IDENTITY_NUMBER}}"><div><h2 id="i{{IDENTITY_NUMBER}}"><bdi>{{IDENTITY_SHOWN}}</bdi></h2></div>
<form method="post" action="[[@mount]]/settings/identities/" class="stack gap"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="id" value="{{IDENTITY_ID}}"><input type="hidden" name="position" value="{{IDENTITY_NUMBER}}">
<div class="two"><div class="field"><label for="n{{IDENTITY_NUMBER}}">[[Name]]</label><input class="in" id="n{{IDENTITY_NUMBER}}" name="name" type="text" value="{{IDENTITY_NAME}}" maxlength="200"></div><div class="field"><label for="a{{IDENTITY_NUMBER}}">[[Address]]</label><input class="in" id="a{{IDENTITY_NUMBER}}" name="address" type="text" value="{{IDENTITY_ADDRESS}}" maxlength="320" required></div></div>
<div class="field"><label for="r{{IDENTITY_NUMBER}}">[[Answers go to (nothing: to this address)]]</label><input class="in" id="r{{IDENTITY_NUMBER}}" name="reply_to" type="text" value="{{IDENTITY_REPLY_TO}}" maxlength="900"></div>
<label class="check"><input type="checkbox" name="bcc_self" value="1"{{#IDENTITY_BCC}} checked{{/IDENTITY_BCC}}><span>[[A blind copy to this address]]</span></label>
<div class="field"><label for="s{{IDENTITY_NUMBER}}">[[Signature]]</label><textarea class="in" id="s{{IDENTITY_NUMBER}}" name="signatures" rows="5" aria-describedby="h{{IDENTITY_NUMBER}}">
{{IDENTITY_SIGNATURES:pre_escape}}</textarea><span class="hint" id="h{{IDENTITY_NUMBER}}">[[Several, with a line “%” between them: one of them is drawn each time.]]</span></div>
<div class="row"><button class="btn pri" name="do" value="save">[[Save]]</button>{{#IDENTITY_KEPT}} <button class="btn danger" name="do" value="delete">[[Remove]]</button>{{/IDENTITY_KEPT}}</div></form></section>
{{/IDENTITY}}
</div></main>
{{>PART_FOOT}}
