{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
{{>PART_TOP}}
{{>PART_SIDE}}
<main id="main" tabindex="-1" class="has-bar">
{{>PART_REPORTS}}
<div class="lead"><h1>[[noun|Search]]</h1>{{#FOUND_WORDS}}<p>{{FOUND_WORDS}} <strong><bdi>{{QUERY}}</bdi></strong></p>{{/FOUND_WORDS}}{{#ROWS_SHOWN}}<form class="sorts" action="[[@mount]]/search/">{{#KEPT}}<input type="hidden" name="{{KEPT_NAME}}" value="{{KEPT_VALUE}}">{{/KEPT}}<label for="sort">[[Sort by]]</label> <select id="sort" name="sort">{{#SORT_CHOICE}}<option value="{{SORT_WORD}}"{{#SORT_CHOSEN}} selected{{/SORT_CHOSEN}}>{{SORT_LABEL}}</option>{{/SORT_CHOICE}}</select> <button class="btn">[[Sort]]</button> <a class="btn bare" href="{{REVERSED_URL}}">[[Reverse]]</a></form>{{/ROWS_SHOWN}}</div>
{{#REFUSED}}<div class="note warn" role="alert"><svg class="i" aria-hidden="true"><use href="[[@icons]]#triangle-alert"/></svg><p>{{REFUSED}}</p></div>
{{/REFUSED}}{{#QUERY_NOTE}}<div class="note" role="status"><svg class="i" aria-hidden="true"><use href="[[@icons]]#info"/></svg><p>{{QUERY_NOTE}}</p></div>
{{/QUERY_NOTE}}{{#PROGRESS}}<div class="note" role="status"><svg class="i" aria-hidden="true"><use href="[[@icons]]#clock"/></svg><div class="grow"><p id="prog">{{PROGRESS}}</p><progress max="{{FOLDERS_ALL}}" value="{{FOLDERS_DONE}}" aria-labelledby="prog">{{PROGRESS}}</progress></div><form class="row" method="post" action="{{PAGE_URL}}"><input type="hidden" name="token" value="{{TOKEN}}"><a class="btn" href="{{PAGE_URL}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#refresh-cw"/></svg>[[Show more hits]]</a> <button class="btn" name="do" value="stop"><svg class="i" aria-hidden="true"><use href="[[@icons]]#x"/></svg>[[Stop here]]</button></form></div>
{{/PROGRESS}}{{#ENDED}}<div class="note{{#ENDED_WARN}} warn{{/ENDED_WARN}}" role="status"><svg class="i" aria-hidden="true"><use href="[[@icons]]#info"/></svg><p>{{ENDED}}</p><a class="btn" href="{{AGAIN_URL}}">[[Search again]]</a></div>
{{/ENDED}}<details class="ops-box"{{#HELP_OPEN}} open{{/HELP_OPEN}}><summary><svg class="i" aria-hidden="true"><use href="[[@icons]]#sliders-horizontal"/></svg>[[More precisely]]</summary>
<form class="precise" action="[[@mount]]/search/"><input type="hidden" name="form" value="1">
<p class="field"><label for="f-words">[[Words]]</label><input class="in" id="f-words" name="words" value="{{FORM_WORDS}}"></p>
<p class="field"><label for="f-from">[[From]]</label><input class="in" id="f-from" name="from" value="{{FORM_FROM}}"></p>
<p class="field"><label for="f-to">[[To]]</label><input class="in" id="f-to" name="to" value="{{FORM_TO}}"></p>
<p class="field"><label for="f-subject">[[Subject]]</label><input class="in" id="f-subject" name="subject" value="{{FORM_SUBJECT}}"></p>
<p class="field"><label for="f-body">[[In the text]]</label><input class="in" id="f-body" name="body" value="{{FORM_BODY}}"></p>
<p class="field"><label for="f-since">[[Since]]</label><input class="in" id="f-since" name="since" type="date" value="{{FORM_SINCE}}"></p>
<p class="field"><label for="f-before">[[Before]]</label><input class="in" id="f-before" name="before" type="date" value="{{FORM_BEFORE}}"></p>
<p class="field"><label for="f-in">[[Folder]]</label><select id="f-in" name="in"><option value="">[[All folders]]</option>{{#SCOPE}}<option value="{{SCOPE_ADDRESS}}"{{#SCOPE_CHOSEN}} selected{{/SCOPE_CHOSEN}}>{{SCOPE_LABEL}}</option>{{/SCOPE}}</select></p>
<p class="ticks"><label><input type="checkbox" name="below" value="1"{{#FORM_BELOW}} checked{{/FORM_BELOW}}> [[and the folders below it]]</label> <label><input type="checkbox" name="attachment" value="1"{{#FORM_ATTACHMENT}} checked{{/FORM_ATTACHMENT}}> [[with attachment]]</label> <label><input type="checkbox" name="unread" value="1"{{#FORM_UNREAD}} checked{{/FORM_UNREAD}}> [[unread]]</label> <label><input type="checkbox" name="starred" value="1"{{#FORM_STARRED}} checked{{/FORM_STARRED}}> [[starred]]</label></p>
<p><button class="btn pri">[[verb|Search]]</button></p></form>
<h2>[[Words that narrow a search]]</h2>
<dl class="kv ops"><dt>from:okafor</dt><dd>[[the sender's name or address]]</dd><dt>to:anna cc:anna to:me</dt><dd>[[a recipient; me stands for yourself]]</dd><dt>subject:minutes</dt><dd>[[in the subject only]]</dd><dt>body:lichen</dt><dd>[[in the text only]]</dd><dt>has:attachment</dt><dd>[[with a file]]</dd><dt>is:unread is:starred is:answered</dt><dd>[[how it is marked]]</dd><dt>label:work</dt><dd>[[with this label]]</dd><dt>after:2026-01-01 before:2026-07 older:1y</dt><dd>[[when it arrived]]</dd><dt>larger:5M smaller:100k</dt><dd>[[how large it is]]</dd><dt>in:sent in:any</dt><dd>[[one folder, or all]]</dd><dt>-word "two words" OR</dt><dd>[[without, exactly so, one or the other]]</dd></dl>
<p class="small quiet">[[Capital letters do not matter. In names and subjects accents do not matter either; in texts they do.]]</p></details>
{{#LISTED}}<form class="list" method="post" action="{{PAGE_URL}}"><input type="hidden" name="token" value="{{TOKEN}}">{{#PLACE}}<input type="hidden" name="{{PLACE_NAME}}" value="{{PLACE_VALUE}}">{{/PLACE}}{{#ALL_COUNT}}<input type="hidden" name="all" value="1"><input type="hidden" name="count" value="{{ALL_COUNT}}"><input type="hidden" name="rows" value="{{ALL_ROWS}}">{{/ALL_COUNT}}
<div class="bar" role="group" aria-label="[[Actions]]">
<a class="btn bare calm phone-only" href="#side"><svg class="i" aria-hidden="true"><use href="[[@icons]]#folder"/></svg>[[Folders]]</a>
<a class="btn bare calm" href="{{TICK_URL}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#square-check"/></svg><span class="lbl">{{TICK_WORD}}</span></a><span class="sep"></span>
{{>PART_BULK}}
<span class="pages push"><span class="range">{{RANGE_OF}}</span> {{#NEWER_URL}}<a class="btn bare" href="{{NEWER_URL}}" rel="prev">{{/NEWER_URL}}{{#NEWER_NONE}}<a class="btn bare" aria-disabled="true" role="link">{{/NEWER_NONE}}<svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-left"/></svg><span class="lbl">{{NEWER_WORD}}</span></a> {{#OLDER_URL}}<a class="btn bare" href="{{OLDER_URL}}" rel="next">{{/OLDER_URL}}{{#OLDER_NONE}}<a class="btn bare" aria-disabled="true" role="link">{{/OLDER_NONE}}<svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-right"/></svg><span class="lbl">{{OLDER_WORD}}</span></a></span>
</div>
{{#ALL_WORDS}}<div class="note" role="status"><svg class="i" aria-hidden="true"><use href="[[@icons]]#square-check"/></svg><p>{{ALL_WORDS}}</p><a class="btn" href="{{ALL_URL}}">{{ALL_LINK}}</a></div>
{{/ALL_WORDS}}<div class="rows"><table role="table"><caption class="vh">{{CAPTION}}</caption>
{{>PART_COLUMNS}}
<tbody role="rowgroup">
{{#ROW}}{{>PART_ROW}}{{/ROW}}</tbody>
</table></div>
</form>
<nav class="ends" aria-label="[[Pages]]"><span>{{RANGE}}</span>
{{#NEWER_URL}}<a class="btn bare" href="{{FIRST_URL}}">{{FIRST_WORD}}</a> <a class="btn" href="{{NEWER_URL}}" rel="prev"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-left"/></svg>{{NEWER_WORD}}</a>{{/NEWER_URL}}
{{#OLDER_URL}}<a class="btn" href="{{OLDER_URL}}" rel="next">{{OLDER_WORD}}<svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-right"/></svg></a> <a class="btn bare" href="{{OLDEST_URL}}">{{LAST_WORD}}</a>{{/OLDER_URL}}</nav>{{/LISTED}}
{{#NONE_FOUND}}<div class="empty"><svg class="i" aria-hidden="true"><use href="[[@icons]]#search"/></svg><h2>{{NONE_FOUND}}</h2><p>{{NONE_TEXT}}</p></div>{{/NONE_FOUND}}
</main>
{{>PART_FOOT}}
