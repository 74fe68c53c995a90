{{%AUTOESCAPE context="HTML"}}
<article class="letter" aria-labelledby="subject">
{{#OUTER_URL}}<p class="note box"><svg class="i" aria-hidden="true"><use href="[[@icons]]#mail"/></svg><span>[[This is a message inside another one.]] <a href="{{OUTER_URL}}">[[Back to that]]</a></span></p>
{{/OUTER_URL}}<h1 id="subject" tabindex="-1"><bdi>{{SUBJECT}}</bdi></h1>
<p class="tags">{{#STARRED}}<span class="tag"><svg class="i star" aria-hidden="true"><use href="[[@icons]]#star"/></svg> [[Starred]]</span>{{/STARRED}}{{#ANSWERED}}<span class="tag"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#reply"/></svg> [[Answered]]</span>{{/ANSWERED}}{{#FORWARDED}}<span class="tag"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#forward"/></svg> [[Forwarded]]</span>{{/FORWARDED}}{{#LABEL}}<a class="tag chip {{LABEL_COLOUR}}" href="{{LABEL_URL}}"><span class="vh">[[Label:]] </span><bdi>{{LABEL_NAME}}</bdi></a> {{/LABEL}}</p>
<div class="who"><div><strong><bdi>{{FROM}}</bdi></strong>{{#FROM_ADDRESS}} <span class="addr"><bdi>{{FROM_ADDRESS}}</bdi></span>{{/FROM_ADDRESS}}</div><time class="quiet small" datetime="{{WHEN_ISO}}">{{WHEN_FULL}}</time></div>
<div class="to">{{#TO_SHORT}}{{#TO_FIRST}}[[To]] {{/TO_FIRST}}<bdi>{{TO_NAME}}</bdi>{{#TO_COMMA}}, {{/TO_COMMA}}{{/TO_SHORT}} <details class="inlined"{{#DETAILS_OPEN}} open{{/DETAILS_OPEN}}><summary>{{TO_MORE}} <svg class="i" aria-hidden="true"><use href="[[@icons]]#chevron-down"/></svg></summary>
<dl class="kv{{#ALL_HEADERS}} mono{{/ALL_HEADERS}}">{{>PART_FIELDS}}</dl>{{#SCREEN}}<p class="small"><a href="{{HEADERS_URL}}">{{HEADERS_WORD}}</a></p>{{/SCREEN}}</details></div>
{{#TRUST}}<p class="trust {{TRUST_LOOK}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#{{TRUST_ICON}}"/></svg><span>{{TRUST}}</span></p>
{{/TRUST}}{{#DECEIT}}<div class="note box warn"><svg class="i" aria-hidden="true"><use href="[[@icons]]#shield-alert"/></svg><p>{{DECEIT_WORDS}}</p></div>
{{/DECEIT}}{{#LIST}}<p class="maillist small"><svg class="i" aria-hidden="true"><use href="[[@icons]]#users"/></svg> <span class="quiet">[[Mailing list]]</span> <bdi>{{LIST_NAME}}</bdi>{{#SCREEN}}{{#LIST_LINK}} <a href="{{LIST_URL}}"{{#LIST_OUTSIDE}} target="_blank" rel="noopener noreferrer nofollow"{{/LIST_OUTSIDE}}>{{LIST_WORDS}}</a>{{/LIST_LINK}}{{/SCREEN}}</p>
{{/LIST}}{{#HEADER_CUT}}<div class="note box warn"><svg class="i" aria-hidden="true"><use href="[[@icons]]#triangle-alert"/></svg><p>[[The head of this message is unusually long; not all of it is shown.]] <a href="{{SAVE_URL}}">[[Save message]]</a></p></div>
{{/HEADER_CUT}}{{>PART_FILES}}
<div class="body{{#FIXED_TYPE}} fixed{{/FIXED_TYPE}}">
{{#SHOW_HTML_URL}}<p class="ways small"><a href="{{SHOW_HTML_URL}}">[[Show as written]]</a></p>{{/SHOW_HTML_URL}}
{{#REMOTE_NOTE}}<div class="note box"><svg class="i" aria-hidden="true"><use href="[[@icons]]#image"/></svg><p>{{REMOTE_NOTE}}</p>{{#SHOW_ONCE_URL}}<a class="btn" href="{{SHOW_ONCE_URL}}">[[Show once]]</a> {{/SHOW_ONCE_URL}}{{#PICTURES_DO}}<form method="post" action="{{ACT_URL}}"><input type="hidden" name="token" value="{{TOKEN}}"><button class="btn" name="do" value="{{PICTURES_DO}}">{{PICTURES_WORD}}</button></form>{{/PICTURES_DO}}</div>{{/REMOTE_NOTE}}
{{#TRACKING_NOTE}}<p class="quiet small">{{TRACKING_NOTE}}</p>{{/TRACKING_NOTE}}
{{#HTML_WORDS_ONLY}}<div class="note box"><svg class="i" aria-hidden="true"><use href="[[@icons]]#triangle-alert"/></svg><p>[[The web page in this message is too tangled to be shown; you see its words.]]</p></div>{{/HTML_WORDS_ONLY}}
{{>PART_TEXTS}}
</div>
{{#INNER}}<section class="inner" aria-labelledby="{{INNER_ID}}"><h2 id="{{INNER_ID}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#mail"/></svg> <span class="vh">[[Message inside:]] </span><a href="{{INNER_URL}}"><bdi>{{INNER_SUBJECT}}</bdi></a></h2>
<dl class="kv">{{>PART_FIELDS}}</dl>
{{>PART_FILES}}
<div class="body{{#FIXED_TYPE}} fixed{{/FIXED_TYPE}}">
{{>PART_TEXTS}}
</div>
{{#INNER_END}}</section>{{/INNER_END}}
{{/INNER}}{{#SCREEN}}{{#ABOUT}}<div class="answer"><a class="btn pri" href="[[@mount]]/compose?reply={{ABOUT}}"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#reply"/></svg>[[Reply]]</a> <a class="btn" href="[[@mount]]/compose?replyall={{ABOUT}}"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#reply-all"/></svg>[[Reply all]]</a> {{#FROM_LIST}}<a class="btn" href="[[@mount]]/compose?replylist={{ABOUT}}"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#reply-all"/></svg>[[Reply to list]]</a> {{/FROM_LIST}}<a class="btn" href="[[@mount]]/compose?forward={{ABOUT}}"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#forward"/></svg>[[Forward]]</a> <a class="btn bare" href="[[@mount]]/compose?forwardas={{ABOUT}}"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#paperclip"/></svg>[[Forward as attachment]]</a>{{#CONTACT_ADDRESS_TEXT}} <a class="btn bare" href="[[@mount]]/contacts/?new=1&amp;name={{CONTACT_NAME}}&amp;address={{CONTACT_ADDRESS_TEXT}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#user-round-plus"/></svg>[[Add to contacts]]</a>{{/CONTACT_ADDRESS_TEXT}}</div>
{{/ABOUT}}{{/SCREEN}}{{#CHARSETS}}<details class="fold letters"{{#CHARSET_OPEN}} open{{/CHARSET_OPEN}}><summary>[[Wrong letters?]] <svg class="i" aria-hidden="true"><use href="[[@icons]]#chevron-down"/></svg></summary><form method="get" action="{{MESSAGE_URL}}">{{#KEPT}}<input type="hidden" name="{{KEPT_NAME}}" value="{{KEPT_VALUE}}">{{/KEPT}}<label for="charset">[[Read the text as]]</label> <select id="charset" name="charset"><option value="">[[The message says itself]]</option>{{#CHARSET}}<option value="{{CHARSET_NAME}}"{{#CHARSET_CHOSEN}} selected{{/CHARSET_CHOSEN}}>{{CHARSET_LABEL}}</option>{{/CHARSET}}</select> <button class="btn">[[Show]]</button></form></details>
{{/CHARSETS}}</article>
