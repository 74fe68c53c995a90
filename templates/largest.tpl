{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
{{>PART_TOP}}
{{>PART_SIDE}}
<main id="main" tabindex="-1"><div class="page broad">
<p><a href="[[@mount]]/folders/">[[All folders]]</a></p>
<h1>[[Largest folders and messages]]</h1>
{{#NOTICE}}<div class="note" role="status"><svg class="i" aria-hidden="true"><use href="[[@icons]]#info"/></svg><p>{{NOTICE}}</p>{{#LARGE_UNDO}}<form method="post" action="[[@mount]]/folders/largest/"><input type="hidden" name="token" value="{{TOKEN}}">{{#LARGE_REPORT}}<input type="hidden" name="report" value="{{LARGE_REPORT_ID}}">{{/LARGE_REPORT}}<button class="btn bare" name="do" value="undo"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#undo-2"/></svg>[[Undo]]</button></form>{{/LARGE_UNDO}}</div>{{/NOTICE}}
{{#QUOTA}}<p>{{QUOTA}}</p>{{/QUOTA}}
<h2>[[Folders]]</h2>
{{#FOLDERS_SOME}}<section class="scroll" tabindex="0" aria-label="[[Table of folders]]"><table class="data stacks" role="table"><caption class="vh">[[The largest folders]]</caption><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">[[Folder]]</th><th class="r" role="columnheader" scope="col">[[Messages]]</th><th class="r" role="columnheader" scope="col">[[Size]]</th></tr></thead><tbody role="rowgroup">
{{#FOLDER_ROW}}<tr role="row"><th scope="row" role="rowheader">{{#ROW_LINK}}<a href="{{ROW_LINK}}">{{/ROW_LINK}}<bdi>{{ROW_LABEL}}</bdi>{{#ROW_LINK}}</a>{{/ROW_LINK}}</th><td class="r" role="cell" data-l="[[Messages]]">{{ROW_TOTAL}}</td><td class="r" role="cell" data-l="[[Size]]">{{ROW_SIZE}}</td></tr>
{{/FOLDER_ROW}}</tbody></table></section>{{/FOLDERS_SOME}}
<h2>[[Messages]]</h2>
{{#LARGE_UNKNOWN}}<p>{{LARGE_UNKNOWN}} <a href="[[@mount]]/search/?q=larger%3A1M&amp;sort=size&amp;order=desc">[[Search all folders for what is larger than 1 MB]]</a></p>{{/LARGE_UNKNOWN}}
{{#LARGE_NONE}}<p>[[No messages are known yet.]]</p>{{/LARGE_NONE}}
{{#LARGE_ANY}}<form method="post" action="[[@mount]]/folders/largest/"><input type="hidden" name="token" value="{{TOKEN}}">{{#LARGE_FOLDER}}<input type="hidden" name="{{LARGE_FIELD}}" value="{{LARGE_ADDRESS}}">{{/LARGE_FOLDER}}
<section class="scroll" tabindex="0" aria-label="[[Table of messages]]"><table class="data people stacks" role="table"><caption class="vh">[[The largest messages]]</caption><thead role="rowgroup"><tr role="row"><th class="c" role="columnheader" scope="col"><span class="vh">[[Tick]]</span></th><th role="columnheader" scope="col">[[Subject]]</th><th role="columnheader" scope="col">[[From]]</th><th role="columnheader" scope="col">[[Folder]]</th><th role="columnheader" scope="col">[[Date]]</th><th class="r" role="columnheader" scope="col">[[Size]]</th></tr></thead><tbody role="rowgroup">
{{#LARGE}}<tr role="row"><td class="c" role="cell"><label><input type="checkbox" name="m" value="{{MARK}}" aria-labelledby="l{{LARGE_ID}}"></label></td><th scope="row" role="rowheader" id="l{{LARGE_ID}}"><a href="{{ROW_URL}}"><bdi>{{SUBJECT}}</bdi></a></th><td role="cell"><bdi>{{FROM}}</bdi></td><td role="cell" data-l="[[Folder]]"><bdi>{{LARGE_FOLDER_PATH}}</bdi></td><td role="cell">{{WHEN}}</td><td class="r" role="cell" data-l="[[Size]]">{{SIZE}}</td></tr>
{{/LARGE}}</tbody></table></section>
<div class="row after"><button class="btn danger" name="do" value="delete"><svg class="i" aria-hidden="true"><use href="[[@icons]]#trash-2"/></svg>[[Delete ticked]]</button> <label for="lt">[[To folder]]</label> <select id="lt" name="to"><option value="">[[Choose…]]</option>{{#TARGET}}<option value="{{TARGET_ADDRESS}}">{{TARGET_LABEL}}</option>{{/TARGET}}</select> <button class="btn" name="do" value="move"><svg class="i" aria-hidden="true"><use href="[[@icons]]#folder-input"/></svg>[[Move there]]</button></div>
</form>{{/LARGE_ANY}}
</div></main>
{{>PART_FOOT}}
