{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
{{>PART_TOP}}
{{>PART_SIDE}}
<main id="main" tabindex="-1" class="has-bar">
{{>PART_REPORTS}}
<form class="list" method="post" action="{{ACT_URL}}"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="v" value="{{VALIDITY}}"><input type="hidden" name="m" value="{{MARK}}"><input type="hidden" name="page" value="{{PAGE}}">{{#NEXT_UID}}<input type="hidden" name="next" value="{{NEXT_UID}}">{{/NEXT_UID}}
<div class="bar" role="group" aria-label="[[Actions]]">
<a class="btn bare" href="{{BACK_URL}}"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-left"/></svg><bdi class="keep">{{FOLDER_NAME}}</bdi></a>
<a class="btn bare" href="[[@mount]]/compose?reply={{ABOUT}}"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#reply"/></svg><span class="lbl keep">[[Reply]]</span></a>
{{#CAN_CHANGE}}{{#CAN_ARCHIVE}}<button class="btn bare" name="do" value="archive"><svg class="i" aria-hidden="true"><use href="[[@icons]]#archive"/></svg><span class="lbl">[[verb|Archive]]</span></button>
{{/CAN_ARCHIVE}}<button class="btn bare" name="do" value="{{DELETE_DO}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#trash-2"/></svg><span class="lbl">{{DELETE_WORD}}</span></button>
{{#JUNK_DO}}<button class="btn bare wide" name="do" value="{{JUNK_DO}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#{{JUNK_ICON}}"/></svg><span class="lbl">{{JUNK_WORD}}</span></button>
{{/JUNK_DO}}{{/CAN_CHANGE}}{{>PART_TARGETS}}
<span class="pages push"><span class="range">{{POSITION}}</span> {{#NEWER_URL}}<a class="btn bare" href="{{NEWER_URL}}" rel="prev">{{/NEWER_URL}}{{#NEWER_NONE}}<a class="btn bare" aria-disabled="true" role="link">{{/NEWER_NONE}}<svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-left"/></svg><span class="lbl">{{NEWER_WORD}}</span></a> {{#OLDER_URL}}<a class="btn bare" href="{{OLDER_URL}}" rel="next">{{/OLDER_URL}}{{#OLDER_NONE}}<a class="btn bare" aria-disabled="true" role="link">{{/OLDER_NONE}}<svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-right"/></svg><span class="lbl">{{OLDER_WORD}}</span></a></span>
<details class="menu"><summary class="btn bare"><svg class="i" aria-hidden="true"><use href="[[@icons]]#ellipsis"/></svg><span class="lbl">[[More]]</span><i class="veil"></i></summary><div class="panel">
{{#CAN_CHANGE}}<button class="btn bare" name="do" value="unread"><svg class="i" aria-hidden="true"><use href="[[@icons]]#mail"/></svg>[[Mark unread]]</button> <button class="btn bare" name="do" value="{{STAR_DO}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#star"/></svg>{{STAR_WORD}}</button> {{#JUNK_DO}}<button class="btn bare phone-only" name="do" value="{{JUNK_DO}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#{{JUNK_ICON}}"/></svg>{{JUNK_WORD}}</button> {{/JUNK_DO}}{{>PART_LABELS}} {{/CAN_CHANGE}}<a class="btn bare" href="{{RAW_URL}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#file-text"/></svg>{{RAW_WORD}}</a> <a class="btn bare" href="{{HEADERS_URL}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#list-tree"/></svg>{{HEADERS_WORD}}</a> <a class="btn bare" href="{{PRINT_URL}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#printer"/></svg>[[Print]]</a> {{#SOURCE_URL}}<a class="btn bare" href="{{SOURCE_URL}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#code"/></svg>[[Show source]]</a> {{/SOURCE_URL}}<a class="btn bare" href="{{SAVE_URL}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#download"/></svg>[[Save message]]</a></div></details>
</div>
</form>
{{>PART_LETTER}}
{{#SHOW_TEXT_URL}}<script type="module" src="[[@message_script]]"></script>{{/SHOW_TEXT_URL}}
</main>
{{>PART_FOOT}}
