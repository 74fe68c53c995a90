{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
{{>PART_TOP}}
{{>PART_SIDE}}
<main id="main" tabindex="-1" class="has-bar">
{{>PART_REPORTS}}
{{#STILL_READING}}<div class="note" role="status"><svg class="i" aria-hidden="true"><use href="[[@icons]]#history"/></svg><p>{{STILL_READING}}</p><a class="btn" href="{{PAGE_URL}}">[[Show more]]</a></div>
{{/STILL_READING}}
<div class="lead"><h1><bdi>{{FOLDER_NAME}}</bdi></h1><p>{{COUNTS}}</p>{{#READ_ONLY}}<p>[[This folder can only be read.]]</p>{{/READ_ONLY}}{{#CHECKED}}<p class="checked">{{CHECKED}}</p>{{/CHECKED}}{{#ROWS_SHOWN}}<form class="sorts" action="{{FOLDER_URL}}"><label for="sort">[[Sort by]]</label> <select id="sort" name="sort">{{#SORT_CHOICE}}<option value="{{SORT_WORD}}"{{#SORT_CHOSEN}} selected{{/SORT_CHOSEN}}>{{SORT_LABEL}}</option>{{/SORT_CHOICE}}</select> <button class="btn">[[Sort]]</button> <a class="btn bare" href="{{REVERSED_URL}}">[[Reverse]]</a></form>{{/ROWS_SHOWN}}</div>
<form class="list" method="post" action="{{PAGE_URL}}"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="v" value="{{VALIDITY}}">
<div class="bar" role="group" aria-label="[[Actions]]">
<a class="btn bare calm phone-only" href="#side"><svg class="i" aria-hidden="true"><use href="[[@icons]]#folder"/></svg>[[Folders]]</a>
<button class="btn bare calm" name="do" value="check"><svg class="i" aria-hidden="true"><use href="[[@icons]]#refresh-cw"/></svg><span class="lbl">[[Check mail]]</span></button>
{{#ROWS_SHOWN}}<a class="btn bare calm" href="{{TICK_URL}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#square-check"/></svg><span class="lbl">{{TICK_WORD}}</span></a><span class="sep"></span>
{{>PART_BULK}}{{/ROWS_SHOWN}}
{{#ROWS_SHOWN}}<span class="pages push"><span class="range">{{RANGE_OF}}</span> {{#NEWER_URL}}<a class="btn bare" href="{{NEWER_URL}}" rel="prev">{{/NEWER_URL}}{{#NEWER_NONE}}<a class="btn bare" aria-disabled="true" role="link">{{/NEWER_NONE}}<svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-left"/></svg><span class="lbl">{{NEWER_WORD}}</span></a> {{#OLDER_URL}}<a class="btn bare" href="{{OLDER_URL}}" rel="next">{{/OLDER_URL}}{{#OLDER_NONE}}<a class="btn bare" aria-disabled="true" role="link">{{/OLDER_NONE}}<svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-right"/></svg><span class="lbl">{{OLDER_WORD}}</span></a></span>{{/ROWS_SHOWN}}
</div>
{{#ROWS_SHOWN}}<div class="rows"><table role="table"><caption class="vh">{{CAPTION}}</caption>
<thead role="rowgroup"><tr role="row">
<th class="tick" role="columnheader" scope="col"><span class="vh">[[Tick]]</span></th>
<th class="star" role="columnheader" scope="col"{{#STAR_SORTED}} aria-sort="{{STAR_SORTED}}"{{/STAR_SORTED}}><a href="{{STAR_SORT_URL}}"><span class="vh">[[Star]]</span><svg class="i" aria-hidden="true"><use href="[[@icons]]#star"/></svg></a></th>
<th class="from" role="columnheader" scope="col"{{#PEOPLE_SORTED}} aria-sort="{{PEOPLE_SORTED}}"{{/PEOPLE_SORTED}}><a href="{{PEOPLE_SORT_URL}}">{{PEOPLE}}{{#PEOPLE_SORTED}}<svg class="i" aria-hidden="true"><use href="[[@icons]]#arrow-down"/></svg>{{/PEOPLE_SORTED}}</a></th>
<th class="subj" role="columnheader" scope="col"{{#SUBJECT_SORTED}} aria-sort="{{SUBJECT_SORTED}}"{{/SUBJECT_SORTED}}><a href="{{SUBJECT_SORT_URL}}">[[Subject]]{{#SUBJECT_SORTED}}<svg class="i" aria-hidden="true"><use href="[[@icons]]#arrow-down"/></svg>{{/SUBJECT_SORTED}}</a></th>
<th class="clip" role="columnheader" scope="col"><span class="vh">[[Attachment]]</span></th>
<th class="date" role="columnheader" scope="col"{{#DATE_SORTED}} aria-sort="{{DATE_SORTED}}"{{/DATE_SORTED}}><a href="{{DATE_SORT_URL}}">[[Date]]{{#DATE_SORTED}}<svg class="i" aria-hidden="true"><use href="[[@icons]]#arrow-down"/></svg>{{/DATE_SORTED}}</a></th>
<th class="size" role="columnheader" scope="col"{{#SIZE_SORTED}} aria-sort="{{SIZE_SORTED}}"{{/SIZE_SORTED}}><a href="{{SIZE_SORT_URL}}">[[Size]]{{#SIZE_SORTED}}<svg class="i" aria-hidden="true"><use href="[[@icons]]#arrow-down"/></svg>{{/SIZE_SORTED}}</a></th>
</tr></thead>
{{#DAY}}<tbody role="rowgroup">{{#DAY_NAME}}<tr class="day" role="row"><th colspan="7" role="rowheader" scope="rowgroup">{{DAY_NAME}}</th></tr>{{/DAY_NAME}}
{{#ROW}}<tr class="msg{{#UNREAD}} new{{/UNREAD}}" role="row">
<td class="tick" role="cell"><label><input type="checkbox" name="m" value="{{MARK}}" aria-labelledby="m{{UID}}"{{#TICKED}} checked{{/TICKED}}></label></td>
<td class="star" role="cell"><button name="{{STAR_DO}}" value="{{MARK}}"{{#STARRED}} class="on"{{/STARRED}}><svg class="i" aria-hidden="true"><use href="[[@icons]]#star"/></svg><span class="vh">{{STAR_WORD}}</span></button></td>
<th class="from" role="rowheader" scope="row"><bdi>{{FROM}}</bdi></th>
<td class="subj" role="cell"{{#SUBJECT_DIR}} dir="{{SUBJECT_DIR}}"{{/SUBJECT_DIR}}>{{#ANSWERED}}<svg class="i flip" aria-hidden="true"><use href="[[@icons]]#reply"/></svg><span class="vh">[[Answered.]] </span>{{/ANSWERED}}{{#FORWARDED}}<svg class="i flip" aria-hidden="true"><use href="[[@icons]]#forward"/></svg><span class="vh">[[Forwarded.]] </span>{{/FORWARDED}}<a id="m{{UID}}" href="{{ROW_URL}}">{{#UNREAD}}<span class="vh">[[Unread.]] </span>{{/UNREAD}}<bdi>{{SUBJECT}}</bdi></a> <bdi class="snip">{{SNIPPET}}</bdi></td>
<td class="clip" role="cell">{{#ATTACHED}}<svg class="i" aria-hidden="true"><use href="[[@icons]]#paperclip"/></svg><span class="vh">[[Attached:]] {{ATTACHED}}</span>{{/ATTACHED}}</td>
<td class="date" role="cell"><time datetime="{{WHEN_ISO}}" title="{{WHEN_FULL}}">{{WHEN}}</time></td>
<td class="size" role="cell">{{SIZE}}</td>
</tr>
{{/ROW}}</tbody>
{{/DAY}}
</table></div>{{/ROWS_SHOWN}}
</form>
{{#ROWS_SHOWN}}<nav class="ends" aria-label="[[Pages]]"><span>{{RANGE}}</span>
{{#NEWER_URL}}<a class="btn bare" href="{{FIRST_URL}}">{{FIRST_WORD}}</a> <a class="btn" href="{{NEWER_URL}}" rel="prev"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-left"/></svg>{{NEWER_WORD}}</a>{{/NEWER_URL}}
{{#OLDER_URL}}<a class="btn" href="{{OLDER_URL}}" rel="next">{{OLDER_WORD}}<svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-right"/></svg></a> <a class="btn bare" href="{{OLDEST_URL}}">{{LAST_WORD}}</a>{{/OLDER_URL}}
{{#PAGE_FORM}}<form class="row push" action="{{FOLDER_URL}}">{{#SORT_FIELD}}<input type="hidden" name="sort" value="{{SORT_FIELD}}">{{/SORT_FIELD}}{{#ORDER_FIELD}}<input type="hidden" name="order" value="{{ORDER_FIELD}}">{{/ORDER_FIELD}}<label for="page">[[Page]]</label><input class="in" id="page" name="page" type="number" min="1" max="{{PAGES}}" value="{{PAGE}}"><span>{{OF_PAGES}}</span><button class="btn">[[Go]]</button></form>{{/PAGE_FORM}}</nav>{{/ROWS_SHOWN}}
{{#EMPTY}}<div class="empty"><svg class="i" aria-hidden="true"><use href="[[@icons]]#mail-open"/></svg><h2>[[Nothing waits here]]</h2><p>{{EMPTY_TEXT}}</p>{{#BACK_TO_INBOX}}<p class="row"><a class="btn" href="[[@mount]]/mail/INBOX/">[[Back to Inbox]]</a></p>{{/BACK_TO_INBOX}}</div>{{/EMPTY}}
</main>
{{>PART_FOOT}}
