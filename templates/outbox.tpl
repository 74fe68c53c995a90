{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
{{>PART_TOP}}
{{>PART_SIDE}}
<main id="main" tabindex="-1"><div class="page">
<h1>[[Outbox]]</h1>
{{#OUTBOX_NOTICE}}<div class="note {{OUTBOX_NOTICE_KIND}}" role="status"><svg class="i" aria-hidden="true"><use href="[[@icons]]#info"/></svg><p>{{OUTBOX_NOTICE}}</p></div>{{/OUTBOX_NOTICE}}
{{#OUTBOX_EMPTY}}<p>[[Nothing waits to be sent.]]</p>{{/OUTBOX_EMPTY}}
{{#OUTGOING}}<section class="group" aria-label="{{OUTGOING_SUBJECT}}"><div><h2><bdi>{{OUTGOING_SUBJECT}}</bdi></h2><p class="small quiet">{{OUTGOING_WHEN}}</p></div><div class="stack gap">
<p><strong>{{OUTGOING_STATE}}</strong></p>
{{#OUTGOING_WORDS}}<p>{{OUTGOING_WORDS}}</p>{{/OUTGOING_WORDS}}
{{#OUTGOING_REFUSED}}<ul>{{#REFUSED}}<li><bdi>{{REFUSED_ADDRESS}}</bdi>: <span>{{REFUSED_WORDS}}</span></li>{{/REFUSED}}</ul>{{/OUTGOING_REFUSED}}
<p class="small quiet">[[To]] <bdi>{{OUTGOING_TO}}</bdi></p>
{{#OUTGOING_BUTTONS}}<form method="post" action="[[@mount]]/outbox/" class="row"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="id" value="{{OUTGOING_ID}}">{{#MAY_RETRY}}<button class="btn" name="do" value="retry"><svg class="i" aria-hidden="true"><use href="[[@icons]]#refresh-cw"/></svg>{{RETRY_WORD}}</button> {{/MAY_RETRY}}{{#MAY_EDIT}}<button class="btn" name="do" value="edit"><svg class="i" aria-hidden="true"><use href="[[@icons]]#square-pen"/></svg>{{EDIT_WORD}}</button> {{/MAY_EDIT}}<button class="btn danger" name="do" value="discard"><svg class="i" aria-hidden="true"><use href="[[@icons]]#trash-2"/></svg>[[Discard]]</button></form>{{/OUTGOING_BUTTONS}}
</div></section>
{{/OUTGOING}}
</div></main>
{{>PART_FOOT}}
