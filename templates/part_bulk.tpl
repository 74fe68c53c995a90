{{%AUTOESCAPE context="HTML"}}
<div class="bulk">{{#CAN_CHANGE}}
<button class="btn bare" name="do" value="read"><svg class="i" aria-hidden="true"><use href="[[@icons]]#mail-open"/></svg><span class="lbl">[[verb|Read]]</span></button>
{{#CAN_ARCHIVE}}<button class="btn bare" name="do" value="archive"><svg class="i" aria-hidden="true"><use href="[[@icons]]#archive"/></svg><span class="lbl">[[verb|Archive]]</span></button>
{{/CAN_ARCHIVE}}<button class="btn bare" name="do" value="{{DELETE_DO}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#trash-2"/></svg><span class="lbl">{{DELETE_WORD}}</span></button>
{{#JUNK_DO}}<button class="btn bare wide" name="do" value="{{JUNK_DO}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#{{JUNK_ICON}}"/></svg><span class="lbl">{{JUNK_WORD}}</span></button>
{{/JUNK_DO}}{{/CAN_CHANGE}}{{>PART_TARGETS}}{{#CAN_CHANGE}}
<details class="menu"><summary class="btn bare"><svg class="i" aria-hidden="true"><use href="[[@icons]]#ellipsis"/></svg><span class="lbl">[[More]]</span><i class="veil"></i></summary><div class="panel">
<button class="btn bare" name="do" value="forward"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#forward"/></svg>[[Forward ticked]]</button> <button class="btn bare" name="do" value="unread"><svg class="i" aria-hidden="true"><use href="[[@icons]]#mail"/></svg>[[Mark unread]]</button> <button class="btn bare" name="do" value="star"><svg class="i" aria-hidden="true"><use href="[[@icons]]#star"/></svg>[[Add star]]</button> <button class="btn bare" name="do" value="unstar"><svg class="i" aria-hidden="true"><use href="[[@icons]]#x"/></svg>[[Remove star]]</button>{{#JUNK_DO}} <button class="btn bare phone-only" name="do" value="{{JUNK_DO}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#{{JUNK_ICON}}"/></svg>{{JUNK_WORD}}</button>{{/JUNK_DO}}
{{>PART_LABELS}}</div></details>{{/CAN_CHANGE}}
</div>
