{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
{{>PART_TOP}}
{{>PART_SIDE}}
<main id="main" tabindex="-1">
<form class="sheet" id="compose" method="post" action="[[@mount]]/compose" enctype="multipart/form-data"{{#COMPOSE_UNSAVED}} data-changed="yes"{{/COMPOSE_UNSAVED}}><input type="hidden" name="token" value="{{TOKEN}}">{{#HIDDEN}}<input type="hidden" name="{{HIDDEN_NAME}}" value="{{HIDDEN_VALUE}}">{{/HIDDEN}}
<div class="lead"><h1>{{COMPOSE_HEADING}}</h1><p role="status" id="kept" data-other="[[This message was changed in another window; both texts are kept.]]" data-ended="[[Your session has ended. Send or save this: once you have logged in again, what you wrote is there.]]" data-uploading="[[Files are being sent.]]" data-failed="[[The files did not arrive. Try again.]]">{{COMPOSE_STATUS}}</p></div>
{{#COMPOSE_FAULTS}}<div class="note box bad" role="alert"><svg class="i" aria-hidden="true"><use href="[[@icons]]#triangle-alert"/></svg><div><p>{{COMPOSE_FAULTS}}</p><ul>{{#FAULT}}<li>{{#FAULT_FIELD}}<a href="#{{FAULT_FIELD}}">{{/FAULT_FIELD}}{{FAULT_WORDS}}{{#FAULT_FIELD}}</a>{{/FAULT_FIELD}}</li>{{/FAULT}}</ul></div></div>{{/COMPOSE_FAULTS}}
{{#COMPOSE_NOTICE}}<div class="note done" role="status"><svg class="i" aria-hidden="true"><use href="[[@icons]]#info"/></svg><p>{{NOTICE_WORDS}}{{#NOTICE_LINK}} <a href="{{NOTICE_LINK}}">{{NOTICE_LINK_WORDS}}</a>{{/NOTICE_LINK}}</p></div>{{/COMPOSE_NOTICE}}
<div class="lines">
<div><label for="from">[[From]]</label><select id="from" name="from">{{#IDENTITY}}<option value="{{IDENTITY_ID}}"{{#IDENTITY_CHOSEN}} selected{{/IDENTITY_CHOSEN}}>{{IDENTITY_SHOWN}}</option>{{/IDENTITY}}</select></div>
<div class="has-btn"><label for="to">[[To]]</label><input class="in names" id="to" name="to" type="text" value="{{TO}}" autocomplete="off" aria-describedby="tohint"{{#TO_WRONG}} aria-invalid="true"{{/TO_WRONG}}><button class="btn bare" name="do" value="choose"><svg class="i" aria-hidden="true"><use href="[[@icons]]#contact"/></svg><span class="lbl">[[Choose]]</span></button></div>
<div><label for="cc">[[Cc]]</label><input class="in names" id="cc" name="cc" type="text" value="{{CC}}" autocomplete="off" aria-describedby="tohint"{{#CC_WRONG}} aria-invalid="true"{{/CC_WRONG}}></div>
<div><label for="bcc">[[Bcc]]</label><input class="in names" id="bcc" name="bcc" type="text" value="{{BCC}}" autocomplete="off" aria-describedby="tohint"{{#BCC_WRONG}} aria-invalid="true"{{/BCC_WRONG}}></div>
<div><label for="subject">[[Subject]]</label><input class="in subject" id="subject" name="subject" type="text" value="{{SUBJECT}}"></div>
</div>
<p class="vh" id="tohint">[[Names and addresses, separated by commas.]]</p>
<label class="vh" for="body">[[Text]]</label>
<textarea class="write-area" id="body" name="body" rows="14">
{{BODY:pre_escape}}</textarea>
<div class="extras">
<section class="block" aria-labelledby="ah"><div class="row"><h2 id="ah">[[Attachments]]</h2><span class="hint" id="lim" data-room="{{ATTACHED_ROOM}}">{{ATTACHED_OF}}</span></div>
{{#ATTACHED_ANY}}<ul class="files">
{{#ATTACHED}}<li><svg class="i" aria-hidden="true"><use href="[[@icons]]#{{ATTACHED_ICON}}"/></svg><span class="name"><bdi>{{ATTACHED_NAME}}</bdi></span><span class="size quiet">{{ATTACHED_SIZE}}</span><button class="btn bare" name="drop" value="{{ATTACHED_NUMBER}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#x"/></svg><span class="vh">{{ATTACHED_REMOVE}}</span></button></li>
{{/ATTACHED}}</ul>{{/ATTACHED_ANY}}
<div class="drop"><label for="attachments">[[Add files]]</label><input id="attachments" type="file" name="attachments" multiple aria-describedby="lim"><button class="btn" name="do" value="attach"><svg class="i" aria-hidden="true"><use href="[[@icons]]#upload"/></svg>[[Attach]]</button></div></section>
</div>
<div class="dock"><button class="btn pri" name="do" value="send"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#send"/></svg>[[Send]]</button> <button class="btn" name="do" value="draft"><svg class="i" aria-hidden="true"><use href="[[@icons]]#save"/></svg>[[Save draft]]</button> <button class="btn bare danger push" name="do" value="discard"><svg class="i" aria-hidden="true"><use href="[[@icons]]#trash-2"/></svg>[[Discard]]</button></div>
</form>
<script src="[[@compose_script]]" defer></script>
</main>
{{>PART_FOOT}}
