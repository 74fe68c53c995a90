{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
{{>PART_TOP}}
{{>PART_SIDE}}
<main id="main" tabindex="-1"><div class="page">
<h1>[[Settings]]</h1>
{{#NOTICE}}<div class="note done saved" role="status"><svg class="i good" aria-hidden="true"><use href="[[@icons]]#circle-check"/></svg><p>{{NOTICE}}</p></div>{{/NOTICE}}
{{#SETTINGS_ERROR}}<div class="note box bad" role="alert"><svg class="i" aria-hidden="true"><use href="[[@icons]]#triangle-alert"/></svg><p>{{SETTINGS_ERROR}}</p></div>{{/SETTINGS_ERROR}}
<form method="post" action="[[@mount]]/settings/"><input type="hidden" name="token" value="{{TOKEN}}">
<section class="group" aria-labelledby="look"><div><h2 id="look">[[Look]]</h2><p>[[Follows your browser unless you choose.]]</p></div><div class="stack gap">
<fieldset class="stack"><legend class="label">[[Colours]]</legend><div class="pick"><label><input type="radio" name="theme" value="auto"{{#CHOSE_AUTO}} checked{{/CHOSE_AUTO}}><span>[[As the browser]]</span></label><label><input type="radio" name="theme" value="light"{{#CHOSE_LIGHT}} checked{{/CHOSE_LIGHT}}><span>[[Light]]</span></label><label><input type="radio" name="theme" value="dark"{{#CHOSE_DARK}} checked{{/CHOSE_DARK}}><span>[[Dark]]</span></label></div></fieldset>
<fieldset class="stack"><legend class="label">[[Rows of the list]]</legend><div class="pick"><label><input type="radio" name="density" value="comfortable"{{#CHOSE_COMFORTABLE}} checked{{/CHOSE_COMFORTABLE}}><span>[[Comfortable]]</span></label><label><input type="radio" name="density" value="compact"{{#CHOSE_COMPACT}} checked{{/CHOSE_COMPACT}}><span>[[Compact]]</span></label></div></fieldset></div></section>
<section class="group" aria-labelledby="list"><div><h2 id="list">[[The list]]</h2><p>[[For every folder.]]</p></div><div class="two"><div class="field"><label for="rows">[[Messages on a page]]</label><select id="rows" name="rows">{{#ROWS_CHOICE}}<option value="{{ROWS_NUMBER}}"{{#ROWS_CHOSEN}} selected{{/ROWS_CHOSEN}}>{{ROWS_NUMBER}}</option>{{/ROWS_CHOICE}}</select></div><div class="field"><label for="dates">[[A message's date]]</label><select id="dates" name="dates"><option value="arrived">[[When it arrived]]</option><option value="sent"{{#CHOSE_SENT}} selected{{/CHOSE_SENT}}>[[When it was written]]</option></select></div></div></section>
<section class="group" aria-labelledby="time"><div><h2 id="time">[[Language and time]]</h2><p>{{CLOCK_NOW}}</p></div><div class="two"><div class="field"><label for="language">[[Language]]</label><select id="language" name="language"><option value="">[[As the browser]]</option>{{#LANGUAGE}}<option value="{{LANGUAGE_CODE}}" lang="{{LANGUAGE_CODE}}"{{#LANGUAGE_CURRENT}} selected{{/LANGUAGE_CURRENT}}>{{LANGUAGE_NAME}}</option>{{/LANGUAGE}}</select></div><div class="field"><label for="zone">[[Time zone]]</label><select id="zone" name="zone"><option value="">{{ZONE_DEFAULT}}</option>{{#ZONE_GROUP}}<optgroup label="{{ZONE_GROUP_NAME}}">{{#ZONE}}<option value="{{ZONE_ID}}"{{#ZONE_CHOSEN}} selected{{/ZONE_CHOSEN}}>{{ZONE_LABEL}}</option>
{{/ZONE}}</optgroup>{{/ZONE_GROUP}}</select></div></div></section>
<div class="dock"><button class="btn pri">[[Save]]</button></div>
</form></div></main>
{{>PART_FOOT}}
