{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
{{>PART_TOP}}
{{>PART_SIDE}}
<main id="main" tabindex="-1" class="has-bar">
{{>PART_REPORTS}}
{{#STILL_READING}}<div class="note" role="status"><svg class="i" aria-hidden="true"><use href="[[@icons]]#history"/></svg><p>{{STILL_READING}}</p><a class="btn" href="{{PAGE_URL}}">[[Show more]]</a></div>
{{/STILL_READING}}
<div class="lead"><h1><bdi>{{FOLDER_NAME}}</bdi></h1><p>{{COUNTS}}</p>{{#READ_ONLY}}<p>[[This folder can only be read.]]</p>{{/READ_ONLY}}{{#CHECKED}}<p class="checked">{{CHECKED}}</p>{{/CHECKED}}{{#REFRESHES}}<p class="checked">{{REFRESHES}} <a href="[[@mount]]/settings/#s-refresh">[[Change this]]</a></p>{{/REFRESHES}}{{#ROWS_SHOWN}}<form class="sorts" action="{{FOLDER_URL}}">{{#FILTER_FIELD}}<input type="hidden" name="filter" value="{{FILTER_FIELD}}">{{/FILTER_FIELD}}{{#SINCE_FIELD}}<input type="hidden" name="since" value="{{SINCE_FIELD}}">{{/SINCE_FIELD}}<label for="sort">[[Sort by]]</label> <select id="sort" name="sort">{{#SORT_CHOICE}}<option value="{{SORT_WORD}}"{{#SORT_CHOSEN}} selected{{/SORT_CHOSEN}}>{{SORT_LABEL}}</option>{{/SORT_CHOICE}}</select> <button class="btn">[[Sort]]</button> <a class="btn bare" href="{{REVERSED_URL}}">[[Reverse]]</a></form>{{/ROWS_SHOWN}}</div>
{{#FILTERS}}<nav class="filters" aria-label="[[Show only]]"><ul>{{#FILTER}}<li><a href="{{FILTER_URL}}"{{#FILTER_ON}} aria-current="true"{{/FILTER_ON}}>{{#FILTER_ON}}<span class="vh">[[Chosen:]] </span>{{/FILTER_ON}}{{FILTER_WORD}}{{#FILTER_COUNT}} <span class="n">{{FILTER_COUNT}}</span>{{/FILTER_COUNT}}</a></li> {{/FILTER}}</ul></nav>{{/FILTERS}}
<form class="list" method="post" action="{{PAGE_URL}}"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="v" value="{{VALIDITY}}">{{#ALL_BELOW}}<input type="hidden" name="all" value="1"><input type="hidden" name="below" value="{{ALL_BELOW}}"><input type="hidden" name="count" value="{{ALL_COUNT}}"><input type="hidden" name="rows" value="{{ALL_ROWS}}">{{/ALL_BELOW}}
<div class="bar" role="group" aria-label="[[Actions]]">
<a class="btn bare calm phone-only" href="#side"><svg class="i" aria-hidden="true"><use href="[[@icons]]#folder"/></svg>[[Folders]]</a>
<button class="btn bare calm" name="do" value="check"><svg class="i" aria-hidden="true"><use href="[[@icons]]#refresh-cw"/></svg><span class="lbl">[[Check mail]]</span></button>
{{#ROWS_SHOWN}}<a class="btn bare calm" href="{{TICK_URL}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#square-check"/></svg><span class="lbl">{{TICK_WORD}}</span></a><span class="sep"></span>
{{>PART_BULK}}{{/ROWS_SHOWN}}
{{#ROWS_SHOWN}}<span class="pages push"><span class="range">{{RANGE_OF}}</span> {{#NEWER_URL}}<a class="btn bare" href="{{NEWER_URL}}" rel="prev">{{/NEWER_URL}}{{#NEWER_NONE}}<a class="btn bare" aria-disabled="true" role="link">{{/NEWER_NONE}}<svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-left"/></svg><span class="lbl">{{NEWER_WORD}}</span></a> {{#OLDER_URL}}<a class="btn bare" href="{{OLDER_URL}}" rel="next">{{/OLDER_URL}}{{#OLDER_NONE}}<a class="btn bare" aria-disabled="true" role="link">{{/OLDER_NONE}}<svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-right"/></svg><span class="lbl">{{OLDER_WORD}}</span></a></span>{{/ROWS_SHOWN}}
</div>
{{#ALL_WORDS}}<div class="note" role="status"><svg class="i" aria-hidden="true"><use href="[[@icons]]#square-check"/></svg><p>{{ALL_WORDS}}</p><a class="btn" href="{{ALL_URL}}">{{ALL_LINK}}</a></div>
{{/ALL_WORDS}}{{#ROWS_SHOWN}}<div class="rows"><table role="table"><caption class="vh">{{CAPTION}}</caption>
{{>PART_COLUMNS}}
{{#DAY}}<tbody role="rowgroup">{{#DAY_NAME}}<tr class="day" role="row"><th colspan="7" role="rowheader" scope="rowgroup">{{DAY_NAME}}</th></tr>{{/DAY_NAME}}
{{#ROW}}{{>PART_ROW}}{{/ROW}}</tbody>
{{/DAY}}
</table></div>{{/ROWS_SHOWN}}
</form>
{{#ROWS_SHOWN}}<nav class="ends" aria-label="[[Pages]]"><span>{{RANGE}}</span>
{{#NEWER_URL}}<a class="btn bare" href="{{FIRST_URL}}">{{FIRST_WORD}}</a> <a class="btn" href="{{NEWER_URL}}" rel="prev"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-left"/></svg>{{NEWER_WORD}}</a>{{/NEWER_URL}}
{{#OLDER_URL}}<a class="btn" href="{{OLDER_URL}}" rel="next">{{OLDER_WORD}}<svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-right"/></svg></a> <a class="btn bare" href="{{OLDEST_URL}}">{{LAST_WORD}}</a>{{/OLDER_URL}}
{{#PAGE_FORM}}<form class="row push" action="{{FOLDER_URL}}">{{#SORT_FIELD}}<input type="hidden" name="sort" value="{{SORT_FIELD}}">{{/SORT_FIELD}}{{#ORDER_FIELD}}<input type="hidden" name="order" value="{{ORDER_FIELD}}">{{/ORDER_FIELD}}{{#FILTER_FIELD}}<input type="hidden" name="filter" value="{{FILTER_FIELD}}">{{/FILTER_FIELD}}{{#SINCE_FIELD}}<input type="hidden" name="since" value="{{SINCE_FIELD}}">{{/SINCE_FIELD}}<label for="page">[[Page]]</label><input class="in" id="page" name="page" type="number" min="1" max="{{PAGES}}" value="{{PAGE}}"><span>{{OF_PAGES}}</span><button class="btn">[[Go]]</button></form>{{/PAGE_FORM}}</nav>{{/ROWS_SHOWN}}
{{#EMPTY}}<div class="empty"><svg class="i" aria-hidden="true"><use href="[[@icons]]#mail-open"/></svg><h2>{{EMPTY_HEADING}}</h2><p>{{EMPTY_TEXT}}</p>{{#SHOW_ALL_URL}}<p class="row"><a class="btn" href="{{SHOW_ALL_URL}}">[[Show all]]</a></p>{{/SHOW_ALL_URL}}{{#BACK_TO_INBOX}}<p class="row"><a class="btn" href="[[@mount]]/mail/INBOX/">[[Back to Inbox]]</a></p>{{/BACK_TO_INBOX}}</div>{{/EMPTY}}
</main>
{{>PART_FOOT}}
