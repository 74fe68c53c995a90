{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
{{>PART_TOP}}
{{>PART_SIDE}}
<main id="main" tabindex="-1"><div class="page">
<h1>[[Settings]]</h1>
<nav class="tabs" aria-label="[[Settings]]">{{#SETTING_TAB}}<a href="#{{SETTING_TAB_ID}}">{{SETTING_TAB_WORDS}}</a> {{/SETTING_TAB}}<a href="[[@mount]]/settings/identities/">[[Identities]]</a></nav>
{{#NOTICE}}<div class="note done saved" role="status"><svg class="i good" aria-hidden="true"><use href="[[@icons]]#circle-check"/></svg><p>{{NOTICE}}</p></div>{{/NOTICE}}
{{#SETTINGS_ERROR}}<div class="note box bad" role="alert"><svg class="i" aria-hidden="true"><use href="[[@icons]]#triangle-alert"/></svg><p>{{SETTINGS_ERROR}}</p></div>{{/SETTINGS_ERROR}}
<form method="post" action="[[@mount]]/settings/"><input type="hidden" name="token" value="{{TOKEN}}">
{{#SETTING_GROUP}}<section class="group" aria-labelledby="{{SETTING_GROUP_ID}}"><div><h2 id="{{SETTING_GROUP_ID}}">{{SETTING_GROUP_HEADING}}</h2><p>{{SETTING_GROUP_HELP}}{{#CLOCK_NOW}} {{CLOCK_NOW}}{{/CLOCK_NOW}}</p>{{#SETTING_GROUP_WRITING}}<p><a href="[[@mount]]/settings/identities/">[[Identities and signatures]]</a></p>{{/SETTING_GROUP_WRITING}}{{#SETTING_GROUP_LIST}}<p><a href="[[@mount]]/settings/labels/">[[Labels]]</a></p>{{/SETTING_GROUP_LIST}}{{#SETTING_GROUP_RESET_URL}}<p><a href="{{SETTING_GROUP_RESET_URL}}">[[Reset this group]]<span class="vh">: {{SETTING_GROUP_HEADING}}</span></a></p>{{/SETTING_GROUP_RESET_URL}}</div><div class="stack gap">
{{#SETTING}}{{#SETTING_FIXED}}<div class="stack"><p class="label">{{SETTING_LABEL}}</p><p>{{SETTING_FIXED}}</p><p class="small quiet">{{SETTING_HELP}} [[This is the same for everybody here and cannot be changed.]]</p></div>
{{/SETTING_FIXED}}{{#SETTING_PICK}}<fieldset class="stack" aria-describedby="{{SETTING_ID}}-help"><legend class="label">{{SETTING_LABEL}}</legend><div class="pick">{{#SETTING_CHOICE}}<label><input type="radio" name="{{SETTING_NAME}}" value="{{SETTING_VALUE}}"{{#SETTING_CHOSEN}} checked{{/SETTING_CHOSEN}}><span>{{SETTING_WORDS}}</span></label>{{/SETTING_CHOICE}}</div>{{/SETTING_PICK}}{{#SETTING_SELECT}}<div class="field"><label for="{{SETTING_ID}}">{{SETTING_LABEL}}</label><select id="{{SETTING_ID}}" name="{{SETTING_NAME}}" aria-describedby="{{SETTING_ID}}-help">{{#SETTING_CHOICE}}<option value="{{SETTING_VALUE}}"{{#SETTING_LANG}} lang="{{SETTING_LANG}}"{{/SETTING_LANG}}{{#SETTING_CHOSEN}} selected{{/SETTING_CHOSEN}}>{{SETTING_WORDS}}</option>{{/SETTING_CHOICE}}{{#ZONE_GROUP}}<optgroup label="{{ZONE_GROUP_NAME}}">{{#ZONE}}<option value="{{ZONE_ID}}"{{#ZONE_CHOSEN}} selected{{/ZONE_CHOSEN}}>{{ZONE_LABEL}}</option>
{{/ZONE}}</optgroup>{{/ZONE_GROUP}}</select>{{/SETTING_SELECT}}{{#SETTING_SWITCH}}<div class="stack"><input type="hidden" name="shown" value="{{SETTING_NAME}}"><label class="check"><input type="checkbox" name="{{SETTING_NAME}}" value="on" aria-describedby="{{SETTING_ID}}-help"{{#SETTING_ON}} checked{{/SETTING_ON}}><span>{{SETTING_LABEL}}</span></label>{{/SETTING_SWITCH}}{{#SETTING_OPEN}}<p class="small quiet" id="{{SETTING_ID}}-help">{{SETTING_HELP}} {{SETTING_DEFAULT}}{{#SETTING_RESET_URL}} <a href="{{SETTING_RESET_URL}}">[[Reset]]<span class="vh">: {{SETTING_LABEL}}</span></a>{{/SETTING_RESET_URL}}</p>{{/SETTING_OPEN}}{{#SETTING_PICK}}</fieldset>
{{/SETTING_PICK}}{{#SETTING_SELECT}}</div>
{{/SETTING_SELECT}}{{#SETTING_SWITCH}}</div>
{{/SETTING_SWITCH}}{{/SETTING}}</div></section>
{{/SETTING_GROUP}}<div class="dock"><button class="btn pri">[[Save]]</button>{{#SETTINGS_RESET_URL}} <a class="btn" href="{{SETTINGS_RESET_URL}}">[[Reset all settings]]</a>{{/SETTINGS_RESET_URL}}</div>
</form></div></main>
{{>PART_FOOT}}
