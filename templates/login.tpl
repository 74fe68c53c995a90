{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
<body class="solo">
<a class="skip" href="#main">[[Skip to content]]</a>
<header class="top">{{>PART_BRAND}}</header>
<main id="main" tabindex="-1">
<div class="card">
<h1>[[Log in to your mail]]</h1>
{{#SITE_NOTICE}}<div class="note box"><svg class="i" aria-hidden="true"><use href="[[@icons]]#info"/></svg><p>{{SITE_NOTICE}}</p></div>{{/SITE_NOTICE}}
{{#LOGIN_GOOD}}<p class="said" role="status"><svg class="i good" aria-hidden="true"><use href="[[@icons]]#circle-check"/></svg><span>{{LOGIN_GOOD}}</span></p>{{/LOGIN_GOOD}}
<form class="stack gap" method="post" action="[[@mount]]/login"><input type="hidden" name="token" value="{{TOKEN}}">{{#NEXT_PATH}}<input type="hidden" name="next" value="{{NEXT_PATH}}">{{/NEXT_PATH}}{{#KEPT}}<input type="hidden" name="kept" value="{{KEPT}}">{{/KEPT}}
{{#LOGIN_ERROR}}<p class="err" id="wrong" role="alert"><svg class="i" aria-hidden="true"><use href="[[@icons]]#triangle-alert"/></svg><span>{{LOGIN_ERROR}}</span></p>{{/LOGIN_ERROR}}
<div class="field"><label for="user">[[User name]]</label>{{#DOMAINS}}<div class="joined">{{/DOMAINS}}<input class="in" id="user" name="user" type="text" value="{{USER}}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="320" required{{#FOCUS_USER}} autofocus{{/FOCUS_USER}}>{{#DOMAINS}}<label class="vh" for="domain">[[Mail domain]]</label><select id="domain" name="domain">{{#DOMAIN}}<option value="{{DOMAIN_NAME}}"{{#DOMAIN_CHOSEN}} selected{{/DOMAIN_CHOSEN}}>@{{DOMAIN_NAME}}</option>{{/DOMAIN}}</select></div>{{/DOMAINS}}</div>
<div class="field"><label for="pass">[[Password]]</label><input class="in" id="pass" name="password" type="password" autocomplete="current-password" maxlength="1024" required{{#FOCUS_PASSWORD}} autofocus{{/FOCUS_PASSWORD}}{{#PASSWORD_WRONG}} aria-invalid="true" aria-describedby="wrong"{{/PASSWORD_WRONG}}></div>
<label class="check"><input type="checkbox" name="public" value="1"{{#SHARED}} checked{{/SHARED}}><span>[[This is a shared computer]]<br><span class="hint">{{SHARED_HINT}}</span></span></label>
<button class="btn pri tall">[[Log in]]</button>
</form>
{{#HELP_URL}}<p class="small quiet">[[Nobody, the help desk included, asks for your password by mail or telephone.]] <a href="{{HELP_URL}}">[[Forgotten your password?]]</a></p>{{/HELP_URL}}
{{#LANGUAGES}}<nav class="langs" aria-label="[[Language]]">{{#LANGUAGE}}<a href="{{LANGUAGE_URL}}" lang="{{LANGUAGE_CODE}}" hreflang="{{LANGUAGE_CODE}}"{{#LANGUAGE_CURRENT}} aria-current="true"{{/LANGUAGE_CURRENT}}>{{LANGUAGE_NAME}}</a> {{/LANGUAGE}}</nav>{{/LANGUAGES}}
</div>
</main>
{{>PART_FOOT}}
