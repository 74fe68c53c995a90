{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
<body class="solo">
<a class="skip" href="#main">[[Skip to content]]</a>
<header class="top">{{>PART_BRAND}}</header>
<main id="main" tabindex="-1"><div class="page broad">
<h1>[[Choose addresses]]</h1>
<form method="post" action="[[@mount]]/compose"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="kept" value="{{KEPT}}">
<div class="row filter"><label class="vh" for="cq">[[Find a contact]]</label><input class="in grow" id="cq" name="q" type="text" value="{{CONTACTS_SOUGHT}}"><button class="btn" name="do" value="choose">[[Find]]</button></div>
{{#CONTACTS_NONE}}<p>[[Nobody is found.]]</p>{{/CONTACTS_NONE}}
{{#CONTACTS_ANY}}<section class="scroll" tabindex="0" aria-label="[[Table of contacts]]"><table class="data people stacks" role="table"><caption class="vh">[[Contacts]]</caption><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">[[Name]]</th><th role="columnheader" scope="col">[[To]]</th><th role="columnheader" scope="col">[[Cc]]</th><th role="columnheader" scope="col">[[Bcc]]</th></tr></thead><tbody role="rowgroup">
{{#CONTACT}}<tr role="row"><th scope="row" role="rowheader"><bdi>{{CONTACT_LABEL}}</bdi></th><td role="cell" data-l="[[To]]"><label><input type="checkbox" name="addto" value="{{CONTACT_LABEL}}"><span class="vh">[[To]] {{CONTACT_LABEL}}</span></label></td><td role="cell" data-l="[[Cc]]"><label><input type="checkbox" name="addcc" value="{{CONTACT_LABEL}}"><span class="vh">[[Cc]] {{CONTACT_LABEL}}</span></label></td><td role="cell" data-l="[[Bcc]]"><label><input type="checkbox" name="addbcc" value="{{CONTACT_LABEL}}"><span class="vh">[[Bcc]] {{CONTACT_LABEL}}</span></label></td></tr>
{{/CONTACT}}</tbody></table></section>{{/CONTACTS_ANY}}
<div class="row after"><button class="btn pri" name="do" value="chosen">[[Put in]]</button> <button class="btn" name="do" value="edit">[[Go on writing]]</button></div>
</form>
</div></main>
{{>PART_FOOT}}
