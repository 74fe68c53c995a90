{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
{{>PART_TOP}}
{{>PART_SIDE}}
<main id="main" tabindex="-1"><div class="page">
<p><a href="[[@mount]]/folders/">[[All folders]]</a></p>
<h1><bdi>{{FOLDER_PATH}}</bdi></h1>
{{#NOTICE}}<div class="note done" role="status"><svg class="i good" aria-hidden="true"><use href="[[@icons]]#circle-check"/></svg><p>{{NOTICE}}</p></div>{{/NOTICE}}
{{#FOLDER_ERROR}}<div class="note box bad" role="alert"><svg class="i" aria-hidden="true"><use href="[[@icons]]#triangle-alert"/></svg><p>{{FOLDER_ERROR}}</p></div>{{/FOLDER_ERROR}}
<p class="quiet small">[[Address:]] <bdi>{{FOLDER_ADDRESS}}</bdi>{{#ROW_ROLE}} · {{ROW_ROLE}}{{/ROW_ROLE}}{{#ROW_TOTAL}} · {{ROW_TOTAL}}{{/ROW_TOTAL}}{{#ROW_SIZE}} · {{ROW_SIZE}}{{/ROW_SIZE}}</p>
{{#EXPORTABLE}}<p class="row">{{#ROW_LINK}}<a class="btn pri" href="{{ROW_LINK}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#mail-open"/></svg>[[Open]]</a>{{/ROW_LINK}} <a class="btn" href="{{EXPORT_MBOX}}" download><svg class="i" aria-hidden="true"><use href="[[@icons]]#download"/></svg>[[Save all as mbox]]</a> <a class="btn" href="{{EXPORT_ZIP}}" download><svg class="i" aria-hidden="true"><use href="[[@icons]]#download"/></svg>[[Save all as zip]]</a></p>{{/EXPORTABLE}}
{{#FIXED}}<p>[[This folder can neither be renamed nor deleted.]]</p>{{/FIXED}}
{{#CHANGEABLE}}<section class="group" aria-labelledby="rn"><div><h2 id="rn">[[Rename]]</h2></div>
<form method="post" action="[[@mount]]/folders/" class="stack gap"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="folder" value="{{FOLDER_ADDRESS}}">
<div class="field"><label for="fn">[[New name]]</label><input class="in" id="fn" name="name" type="text" value="{{NAME_TYPED}}" maxlength="255" required></div><p class="row"><button class="btn" name="do" value="rename">[[Rename]]</button></p></form></section>
<section class="group" aria-labelledby="mv"><div><h2 id="mv">[[Move]]</h2><p>[[With all folders below it.]]</p></div>
<form method="post" action="[[@mount]]/folders/" class="stack gap"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="folder" value="{{FOLDER_ADDRESS}}">
<div class="field"><label for="fi">[[Below]]</label>{{#INTO_CHOICES}}<select id="fi" name="into"><option value="">[[At the top]]</option>{{#INTO_CHOICE}}<option value="{{INTO_ADDRESS}}"{{#INTO_CHOSEN}} selected{{/INTO_CHOSEN}}>{{INTO_LABEL}}</option>{{/INTO_CHOICE}}</select>{{/INTO_CHOICES}}{{#INTO_FIELD}}<input class="in" id="fi" name="into" type="text" value="{{INTO_TYPED}}"><p class="small quiet">[[The address of a folder, as its own page says it; empty for the top.]]</p>{{/INTO_FIELD}}</div><p class="row"><button class="btn" name="do" value="move"><svg class="i" aria-hidden="true"><use href="[[@icons]]#folder-input"/></svg>[[Move there]]</button></p></form></section>{{/CHANGEABLE}}
<section class="group" aria-labelledby="nb"><div><h2 id="nb">[[New folder below]]</h2></div>
<form method="post" action="[[@mount]]/folders/" class="stack gap"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="into" value="{{FOLDER_ADDRESS}}">
<div class="field"><label for="bn">[[Name]]</label><input class="in" id="bn" name="name" type="text" value="" maxlength="255" required></div><p class="row"><button class="btn" name="do" value="create"><svg class="i" aria-hidden="true"><use href="[[@icons]]#plus"/></svg>[[Make the folder]]</button></p></form></section>
{{#ROLE_FORM}}<section class="group" aria-labelledby="ro"><div><h2 id="ro">[[What it is for]]</h2><p>[[Your choice goes before the mail server's.]]</p></div>
<form method="post" action="[[@mount]]/folders/" class="stack gap"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="folder" value="{{FOLDER_ADDRESS}}">
<div class="field"><label for="fr">[[This folder is for]]</label><select id="fr" name="role">{{#ROLE_CHOICE}}<option value="{{ROLE_WORD}}"{{#ROLE_CHOSEN}} selected{{/ROLE_CHOSEN}}>{{ROLE_LABEL}}</option>{{/ROLE_CHOICE}}</select></div><p class="row"><button class="btn" name="do" value="role">[[Save]]</button></p></form></section>{{/ROLE_FORM}}
<section class="group" aria-labelledby="sh"><div><h2 id="sh">[[Where it is shown]]</h2></div>
<form method="post" action="[[@mount]]/folders/" class="row"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="folder" value="{{FOLDER_ADDRESS}}">{{#NO_FAVOURITE}}<button class="btn" name="do" value="favourite"><svg class="i" aria-hidden="true"><use href="[[@icons]]#star"/></svg>[[Add to favourites]]</button>{{/NO_FAVOURITE}}{{#FAVOURITE}}<button class="btn" name="do" value="unfavourite"><svg class="i" aria-hidden="true"><use href="[[@icons]]#x"/></svg>[[Take from favourites]]</button>{{/FAVOURITE}} {{#UNSUBSCRIBED}}<button class="btn" name="do" value="subscribe"><svg class="i" aria-hidden="true"><use href="[[@icons]]#eye"/></svg>[[Subscribe]]</button>{{/UNSUBSCRIBED}}{{#SUBSCRIBED}}<button class="btn" name="do" value="unsubscribe"><svg class="i" aria-hidden="true"><use href="[[@icons]]#x"/></svg>[[Unsubscribe]]</button>{{/SUBSCRIBED}}</form></section>
{{#MAY_ACT}}<section class="group" aria-labelledby="me"><div><h2 id="me">[[Messages here]]</h2></div>
<form method="post" action="[[@mount]]/folders/" class="row"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="folder" value="{{FOLDER_ADDRESS}}">{{#MAY_READ}}<button class="btn" name="do" value="read"><svg class="i" aria-hidden="true"><use href="[[@icons]]#mail-open"/></svg>[[Mark all as read]]</button>{{/MAY_READ}} {{#MAY_EMPTY}}<button class="btn danger" name="do" value="empty"><svg class="i" aria-hidden="true"><use href="[[@icons]]#trash-2"/></svg>[[Empty the folder…]]</button>{{/MAY_EMPTY}}</form></section>{{/MAY_ACT}}
{{#CHANGEABLE}}<section class="group" aria-labelledby="de"><div><h2 id="de">[[Delete]]</h2><p>[[You are asked first.]]</p></div>
<form method="post" action="[[@mount]]/folders/" class="row"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="folder" value="{{FOLDER_ADDRESS}}"><button class="btn danger" name="do" value="delete"><svg class="i" aria-hidden="true"><use href="[[@icons]]#trash-2"/></svg>[[Delete folder…]]</button></form></section>{{/CHANGEABLE}}
</div></main>
{{>PART_FOOT}}
