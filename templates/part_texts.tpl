{{%AUTOESCAPE context="HTML"}}
{{#PARTS_CUT}}<div class="note box warn"><svg class="i" aria-hidden="true"><use href="[[@icons]]#triangle-alert"/></svg><p>[[This message has more parts, or more within each other, than can be shown. All of it is in the file.]] <a href="{{SAVE_URL}}">[[Save message]]</a></p></div>
{{/PARTS_CUT}}{{#PIECE}}<p class="note box">{{PIECE}}</p>
{{/PIECE}}{{#DELIVERY}}<div class="note box {{DELIVERY_LOOK}}"><p><strong>{{DELIVERY_WORDS}}</strong>{{#DELIVERY_REASON}} <bdi>{{DELIVERY_REASON}}</bdi>{{/DELIVERY_REASON}}</p></div>
{{/DELIVERY}}{{#TEXT_MISSING}}<div class="note box warn" role="alert"><svg class="i" aria-hidden="true"><use href="[[@icons]]#triangle-alert"/></svg><p>{{TEXT_MISSING}}</p><a class="btn" href="{{UNPRINT_URL}}">[[Try again]]</a></div>{{/TEXT_MISSING}}
{{#TEXT_NONE}}<p class="quiet">[[This message has no text.]]</p>{{/TEXT_NONE}}
{{#TEXT_PART}}<div class="text">{{#FROM_HTML}}<p class="quiet small">[[This part was written as a web page; you see its words.]]</p>{{/FROM_HTML}}
{{#HTML_FRAME}}<p class="ways small"><a href="{{FRAME_URL}}">[[Open this message alone]]</a> <a href="{{SHOW_TEXT_URL}}">[[Show as text]]</a></p>
<iframe class="frame" title="[[Text of the message]]" src="{{FRAME_URL}}" sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"></iframe>
{{#HTML_CUT}}<p class="note box"><span>[[The text goes on.]] <a href="{{MESSAGE_URL}}/part/{{FRAME_SECTION}}?v={{VALIDITY}}" download>[[Save all of it]]</a></span></p>{{/HTML_CUT}}{{/HTML_FRAME}}
{{#TEXT_RAW}}<pre class="raw">{{TEXT_RAW:pre_escape}}</pre>{{/TEXT_RAW}}{{#TEXT_BLOCK}}{{#FOLD}}<details class="fold"><summary>{{FOLD}} <svg class="i" aria-hidden="true"><use href="[[@icons]]#chevron-down"/></svg></summary>{{/FOLD}}{{#QUOTE}}<blockquote>{{/QUOTE}}<div class="plain{{#SIGNATURE}} sig{{/SIGNATURE}}">{{#RUN}}{{#RUN_LINK}}<a href="{{RUN_LINK}}" target="_blank" rel="noopener noreferrer">{{/RUN_LINK}}{{RUN_TEXT:pre_escape}}{{#RUN_LINK}}</a>{{/RUN_LINK}}{{/RUN}}</div>{{#QUOTE}}</blockquote>{{/QUOTE}}{{#FOLD_END}}</details>{{/FOLD_END}}
{{/TEXT_BLOCK}}{{#TEXT_CUT}}<p class="note box"><span>[[The text goes on.]] <a href="{{MESSAGE_URL}}/part/{{TEXT_SECTION}}?v={{VALIDITY}}" download>[[Save all of it]]</a></span></p>{{/TEXT_CUT}}</div>
{{/TEXT_PART}}
