{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
{{>PART_TOP}}
{{>PART_SIDE}}
<main id="main" tabindex="-1"><div class="page broad">
<div class="row"><h1>[[Contacts]]</h1><p class="quiet small">{{CONTACTS_COUNT}}</p><div class="row push"><a class="btn pri" href="[[@mount]]/contacts/?new=1"><svg class="i" aria-hidden="true"><use href="[[@icons]]#user-round-plus"/></svg>[[New contact]]</a></div></div>
{{#NOTICE}}<div class="note done" role="status"><svg class="i good" aria-hidden="true"><use href="[[@icons]]#circle-check"/></svg><p>{{NOTICE}}</p></div>{{/NOTICE}}
{{#CONTACT_ERROR}}<div class="note box bad" role="alert"><svg class="i" aria-hidden="true"><use href="[[@icons]]#triangle-alert"/></svg><p>{{CONTACT_ERROR}}</p></div>{{/CONTACT_ERROR}}
{{#CONTACT_FORM}}<form method="post" action="[[@mount]]/contacts/" class="stack gap"><h2>{{CONTACT_FORM_HEADING}}</h2><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="id" value="{{CONTACT_ID}}">
<div class="field"><label for="cn">[[Name]]</label><input class="in" id="cn" name="name" type="text" value="{{CONTACT_NAME}}" maxlength="500"></div>
<div class="field"><label for="ca">[[Addresses, a line each]]</label><textarea class="in" id="ca" name="addresses" rows="3">
{{CONTACT_ADDRESSES:pre_escape}}</textarea></div>
<div class="two"><div class="field"><label for="co">[[Organisation]]</label><input class="in" id="co" name="organisation" type="text" value="{{CONTACT_ORGANISATION}}" maxlength="500"></div><div class="field"><label for="cp">[[Telephone]]</label><input class="in" id="cp" name="phone" type="text" value="{{CONTACT_PHONE}}" maxlength="500"></div></div>
<div class="field"><label for="cno">[[Note]]</label><textarea class="in" id="cno" name="note" rows="3">
{{CONTACT_NOTE:pre_escape}}</textarea></div>
<div class="row"><button class="btn pri" name="do" value="save">[[Save]]</button> <a class="btn" href="[[@mount]]/contacts/">[[Cancel]]</a></div></form>{{/CONTACT_FORM}}
<form class="row filter" role="search" aria-label="[[Contacts]]" action="[[@mount]]/contacts/"><label class="vh" for="cq">[[Find a contact]]</label><input class="in grow" id="cq" name="q" type="text" value="{{CONTACTS_SOUGHT}}" placeholder="[[Name, address or organisation]]"><button class="btn">[[Find]]</button></form>
{{#CONTACTS_NONE}}<p>[[Nobody is found.]]</p>{{/CONTACTS_NONE}}
{{#CONTACTS_ANY}}<form method="post" action="[[@mount]]/contacts/"><input type="hidden" name="token" value="{{TOKEN}}">
<section class="scroll" tabindex="0" aria-label="[[Table of contacts]]"><table class="data people stacks" role="table"><caption class="vh">[[Contacts]]</caption><thead role="rowgroup"><tr role="row"><th class="c" role="columnheader" scope="col"><span class="vh">[[Tick]]</span></th><th role="columnheader" scope="col">[[Name]]</th><th role="columnheader" scope="col">[[Address]]</th><th role="columnheader" scope="col">[[Organisation]]</th></tr></thead><tbody role="rowgroup">
{{#CONTACT}}<tr role="row"><td class="c" role="cell"><label><input type="checkbox" name="c" value="{{CONTACT_ID}}" aria-labelledby="c{{CONTACT_ID}}"></label></td><th scope="row" role="rowheader" id="c{{CONTACT_ID}}"><a href="[[@mount]]/contacts/?edit={{CONTACT_ID}}"><bdi>{{CONTACT_LABEL}}</bdi></a></th><td role="cell">{{#CONTACT_ADDRESS}}<a class="plain" href="{{CONTACT_WRITE_URL}}"><bdi>{{CONTACT_ADDRESS_TEXT}}</bdi></a> {{/CONTACT_ADDRESS}}</td><td role="cell"><bdi>{{CONTACT_ORGANISATION}}</bdi>{{#CONTACT_COLLECTED}} <span class="quiet small">[[collected]]</span>{{/CONTACT_COLLECTED}}</td></tr>
{{/CONTACT}}</tbody></table></section>
<div class="row after"><button class="btn" name="do" value="write"><svg class="i" aria-hidden="true"><use href="[[@icons]]#square-pen"/></svg>[[Write to ticked]]</button> <button class="btn danger" name="do" value="delete"><svg class="i" aria-hidden="true"><use href="[[@icons]]#trash-2"/></svg>[[Delete ticked]]</button>
<span class="push">{{#CONTACTS_BEFORE}}<a class="btn" href="{{CONTACTS_BEFORE}}" rel="prev">[[Before]]</a>{{/CONTACTS_BEFORE}} {{#CONTACTS_NEXT}}<a class="btn" href="{{CONTACTS_NEXT}}" rel="next">[[Next]]</a>{{/CONTACTS_NEXT}}</span></div>
</form>{{/CONTACTS_ANY}}
<section class="group" aria-labelledby="files"><div><h2 id="files">[[Bring in or take out]]</h2><p>[[vCard or CSV, at most 1 MB.]]</p></div><div class="stack gap">
<form method="post" action="[[@mount]]/contacts/" enctype="multipart/form-data" class="stack"><input type="hidden" name="token" value="{{TOKEN}}"><div class="field"><label for="cf">[[vCard or CSV file]]</label><input id="cf" name="file" type="file" accept=".vcf,.csv,text/vcard,text/csv"></div><button class="btn" name="do" value="import"><svg class="i" aria-hidden="true"><use href="[[@icons]]#upload"/></svg>[[Bring in]]</button></form>
<p class="row"><a class="btn" href="[[@mount]]/contacts/export?as=vcf" download>vCard</a> <a class="btn" href="[[@mount]]/contacts/export?as=csv" download>CSV</a></p></div></section>
</div></main>
{{>PART_FOOT}}
