{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
{{>PART_TOP}}
{{>PART_SIDE}}
<main id="main" tabindex="-1" class="has-bar">
{{>PART_REPORTS}}
<form class="list" method="post" action="{{ACT_URL}}"><input type="hidden" name="token" value="{{TOKEN}}"><input type="hidden" name="v" value="{{VALIDITY}}"><input type="hidden" name="m" value="{{MARK}}"><input type="hidden" name="page" value="{{PAGE}}">
<div class="bar" role="group" aria-label="[[Actions]]">
<a class="btn bare" href="{{BACK_URL}}"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-left"/></svg><bdi class="keep">{{FOLDER_NAME}}</bdi></a>
<a class="btn bare" href="[[@mount]]/compose?reply={{ABOUT}}"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#reply"/></svg><span class="lbl keep">[[Reply]]</span></a>
{{#CAN_CHANGE}}<button class="btn bare" name="do" value="{{DELETE_DO}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#trash-2"/></svg><span class="lbl">{{DELETE_WORD}}</span></button>
{{/CAN_CHANGE}}{{>PART_TARGETS}}
<span class="pages push"><span class="range">{{POSITION}}</span> {{#NEWER_URL}}<a class="btn bare" href="{{NEWER_URL}}" rel="prev">{{/NEWER_URL}}{{#NEWER_NONE}}<a class="btn bare" aria-disabled="true" role="link">{{/NEWER_NONE}}<svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-left"/></svg><span class="lbl">{{NEWER_WORD}}</span></a> {{#OLDER_URL}}<a class="btn bare" href="{{OLDER_URL}}" rel="next">{{/OLDER_URL}}{{#OLDER_NONE}}<a class="btn bare" aria-disabled="true" role="link">{{/OLDER_NONE}}<svg class="i flip" aria-hidden="true"><use href="[[@icons]]#chevron-right"/></svg><span class="lbl">{{OLDER_WORD}}</span></a></span>
<details class="menu"><summary class="btn bare"><svg class="i" aria-hidden="true"><use href="[[@icons]]#ellipsis"/></svg><span class="lbl">[[More]]</span><i class="veil"></i></summary><div class="panel">
{{#CAN_CHANGE}}<button class="btn bare" name="do" value="unread"><svg class="i" aria-hidden="true"><use href="[[@icons]]#mail"/></svg>[[Mark unread]]</button> <button class="btn bare" name="do" value="{{STAR_DO}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#star"/></svg>{{STAR_WORD}}</button> {{/CAN_CHANGE}}<a class="btn bare" href="{{MESSAGE_URL}}/source"><svg class="i" aria-hidden="true"><use href="[[@icons]]#code"/></svg>[[Show source]]</a> <a class="btn bare" href="{{MESSAGE_URL}}/source?save=1"><svg class="i" aria-hidden="true"><use href="[[@icons]]#download"/></svg>[[Save message]]</a></div></details>
</div>
</form>
<article class="letter" aria-labelledby="subject">
<h1 id="subject" tabindex="-1"><bdi>{{SUBJECT}}</bdi></h1>
<p class="tags">{{#STARRED}}<span class="tag"><svg class="i star" aria-hidden="true"><use href="[[@icons]]#star"/></svg> [[Starred]]</span>{{/STARRED}}{{#ANSWERED}}<span class="tag"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#reply"/></svg> [[Answered]]</span>{{/ANSWERED}}{{#FORWARDED}}<span class="tag"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#forward"/></svg> [[Forwarded]]</span>{{/FORWARDED}}</p>
<div class="who"><div><strong><bdi>{{FROM}}</bdi></strong>{{#FROM_ADDRESS}} <span class="addr"><bdi>{{FROM_ADDRESS}}</bdi></span>{{/FROM_ADDRESS}}</div><time class="quiet small" datetime="{{WHEN_ISO}}">{{WHEN_FULL}}</time></div>
<div class="to">{{#TO_SHORT}}{{#TO_FIRST}}[[To]] {{/TO_FIRST}}<bdi>{{TO_NAME}}</bdi>{{#TO_COMMA}}, {{/TO_COMMA}}{{/TO_SHORT}} <details class="inlined"><summary>{{TO_MORE}} <svg class="i" aria-hidden="true"><use href="[[@icons]]#chevron-down"/></svg></summary>
<dl class="kv">{{#FIELD}}<dt>{{FIELD_NAME}}</dt><dd>{{#FIELD_ADDRESS}}<bdi>{{ADDRESS_TEXT}}</bdi>{{#ADDRESS_COMMA}}, {{/ADDRESS_COMMA}}{{/FIELD_ADDRESS}}{{#FIELD_TEXT}}<bdi>{{FIELD_TEXT}}</bdi>{{/FIELD_TEXT}}</dd>{{/FIELD}}</dl></details></div>
{{#TRUST}}<p class="trust {{TRUST_LOOK}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#{{TRUST_ICON}}"/></svg><span>{{TRUST}}</span></p>
{{/TRUST}}{{#DECEIT}}<div class="note box warn"><svg class="i" aria-hidden="true"><use href="[[@icons]]#shield-alert"/></svg><p>{{DECEIT_WORDS}}</p></div>
{{/DECEIT}}{{#HEADER_CUT}}<div class="note box warn"><svg class="i" aria-hidden="true"><use href="[[@icons]]#triangle-alert"/></svg><p>[[The head of this message is unusually long; not all of it is shown.]]</p></div>{{/HEADER_CUT}}
{{#ATTACHMENTS}}<div class="strip"><h2>{{ATTACHMENTS}}</h2><span class="quiet small">{{ATTACHMENTS_SIZE}}</span></div>
<ul class="parts">
{{#ATTACHMENT}}<li><span class="thumb"><svg class="i" aria-hidden="true"><use href="[[@icons]]#{{ATTACHMENT_ICON}}"/></svg></span><div><div class="name" title="{{ATTACHMENT_NAME}}"><bdi>{{ATTACHMENT_NAME}}</bdi></div><div class="quiet small">{{ATTACHMENT_KIND}}</div><div class="do"><a href="{{MESSAGE_URL}}/part/{{ATTACHMENT_SECTION}}?v={{VALIDITY}}" download>[[Save]]<span class="vh"> <bdi>{{ATTACHMENT_NAME}}</bdi></span></a></div></div></li>
{{/ATTACHMENT}}</ul>{{/ATTACHMENTS}}
<div class="body">
{{#TEXT_MISSING}}<div class="note box warn" role="alert"><svg class="i" aria-hidden="true"><use href="[[@icons]]#triangle-alert"/></svg><p>{{TEXT_MISSING}}</p><a class="btn" href="{{MESSAGE_URL}}">[[Try again]]</a></div>{{/TEXT_MISSING}}
{{#TEXT_NONE}}<p class="quiet">[[This message has no text.]]</p>{{/TEXT_NONE}}
{{#TEXT_PART}}<div class="text">{{#FROM_HTML}}<p class="quiet small">[[This part was written as a web page; you see its words.]]</p>{{/FROM_HTML}}
{{#TEXT_BLOCK}}{{#FOLD}}<details class="fold"><summary>{{FOLD}} <svg class="i" aria-hidden="true"><use href="[[@icons]]#chevron-down"/></svg></summary>{{/FOLD}}{{#QUOTE}}<blockquote>{{/QUOTE}}<div class="plain">{{#RUN}}{{#RUN_LINK}}<a href="{{RUN_LINK}}" target="_blank" rel="noopener noreferrer">{{/RUN_LINK}}{{RUN_TEXT:pre_escape}}{{#RUN_LINK}}</a>{{/RUN_LINK}}{{/RUN}}</div>{{#QUOTE}}</blockquote>{{/QUOTE}}{{#FOLD_END}}</details>{{/FOLD_END}}
{{/TEXT_BLOCK}}{{#TEXT_CUT}}<p class="note box"><span>[[The text goes on.]] <a href="{{MESSAGE_URL}}/part/{{TEXT_SECTION}}?v={{VALIDITY}}" download>[[Save all of it]]</a></span></p>{{/TEXT_CUT}}</div>
{{/TEXT_PART}}
</div>
<div class="answer"><a class="btn pri" href="[[@mount]]/compose?reply={{ABOUT}}"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#reply"/></svg>[[Reply]]</a> <a class="btn" href="[[@mount]]/compose?replyall={{ABOUT}}"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#reply-all"/></svg>[[Reply all]]</a> {{#FROM_LIST}}<a class="btn" href="[[@mount]]/compose?replylist={{ABOUT}}"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#reply-all"/></svg>[[Reply to list]]</a> {{/FROM_LIST}}<a class="btn" href="[[@mount]]/compose?forward={{ABOUT}}"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#forward"/></svg>[[Forward]]</a> <a class="btn bare" href="[[@mount]]/compose?forwardas={{ABOUT}}"><svg class="i flip" aria-hidden="true"><use href="[[@icons]]#paperclip"/></svg>[[Forward as attachment]]</a>{{#CONTACT_ADDRESS_TEXT}} <a class="btn bare" href="[[@mount]]/contacts/?new=1&amp;name={{CONTACT_NAME}}&amp;address={{CONTACT_ADDRESS_TEXT}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#user-round-plus"/></svg>[[Add to contacts]]</a>{{/CONTACT_ADDRESS_TEXT}}</div>
</article>
</main>
{{>PART_FOOT}}
