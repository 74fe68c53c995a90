{{%AUTOESCAPE context="HTML"}}
<tr class="msg{{#UNREAD}} new{{/UNREAD}}" role="row">
<td class="tick" role="cell"><label><input type="checkbox" name="m" value="{{MARK}}" aria-labelledby="m{{UID}}"{{#TICKED}} checked{{/TICKED}}></label></td>
<td class="star" role="cell"><button name="{{STAR_DO}}" value="{{MARK}}"{{#STARRED}} class="on"{{/STARRED}}><svg class="i" aria-hidden="true"><use href="[[@icons]]#star"/></svg><span class="vh">{{STAR_WORD}}</span></button></td>
<th class="from" role="rowheader" scope="row"><bdi>{{FROM}}</bdi></th>
<td class="subj" role="cell"{{#SUBJECT_DIR}} dir="{{SUBJECT_DIR}}"{{/SUBJECT_DIR}}>{{#ANSWERED}}<svg class="i flip" aria-hidden="true"><use href="[[@icons]]#reply"/></svg><span class="vh">[[Answered.]] </span>{{/ANSWERED}}{{#FORWARDED}}<svg class="i flip" aria-hidden="true"><use href="[[@icons]]#forward"/></svg><span class="vh">[[Forwarded.]] </span>{{/FORWARDED}}<a id="m{{UID}}" href="{{ROW_URL}}">{{#UNREAD}}<span class="vh">[[Unread.]] </span>{{/UNREAD}}<bdi>{{SUBJECT}}</bdi></a> <span class="snip">{{#ROW_FOLDER}}<span class="tag"><svg class="i" aria-hidden="true"><use href="[[@icons]]#folder"/></svg><span class="vh">[[Folder]] </span><bdi>{{ROW_FOLDER}}</bdi></span> {{/ROW_FOLDER}}{{#LABEL}}<a class="tag chip {{LABEL_COLOUR}}" href="{{LABEL_URL}}"><span class="vh">[[Label:]] </span><bdi>{{LABEL_NAME}}</bdi></a> {{/LABEL}}<bdi>{{SNIPPET}}</bdi></span></td>
<td class="clip" role="cell">{{#ATTACHED}}<svg class="i" aria-hidden="true"><use href="[[@icons]]#paperclip"/></svg><span class="vh">[[Attached:]] {{ATTACHED}}</span>{{/ATTACHED}}</td>
<td class="date" role="cell"><time datetime="{{WHEN_ISO}}" title="{{WHEN_FULL}}">{{WHEN}}</time></td>
<td class="size" role="cell">{{SIZE}}</td>
</tr>
