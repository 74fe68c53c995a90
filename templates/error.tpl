{{%AUTOESCAPE context="HTML"}}
{{>PART_HEAD}}
<body class="solo">
<a class="skip" href="#main">[[Skip to content]]</a>
<header class="top">{{>PART_BRAND}}</header>
<main id="main" tabindex="-1">
<div class="card" role="{{ERROR_ROLE}}">
<svg class="i big-i" aria-hidden="true"><use href="[[@icons]]#{{ERROR_ICON}}"/></svg>
<h1>{{ERROR_HEADING}}</h1>
<p>{{ERROR_WHAT}}</p>
{{#ERROR_KEPT}}<p>{{ERROR_KEPT}}</p>{{/ERROR_KEPT}}
{{#ERROR_QUOTE}}<figure class="said-by"><figcaption class="quiet small">[[The mail server said:]]</figcaption><blockquote><bdi>{{ERROR_QUOTE}}</bdi></blockquote></figure>{{/ERROR_QUOTE}}
{{#ERROR_NEXT}}<p>{{ERROR_NEXT}}</p>{{/ERROR_NEXT}}
<p class="row">{{#TRY_AGAIN_URL}}<a class="btn pri" href="{{TRY_AGAIN_URL}}"><svg class="i" aria-hidden="true"><use href="[[@icons]]#refresh-cw"/></svg>[[Try again]]</a>{{/TRY_AGAIN_URL}} {{#TO_INBOX}}<a class="btn" href="[[@mount]]/mail/INBOX/">[[Go to Inbox]]</a>{{/TO_INBOX}} {{#TO_LOGIN}}<a class="btn" href="[[@mount]]/login">[[Go to the log-in page]]</a>{{/TO_LOGIN}}</p>
<p class="small quiet">[[For the help desk:]] <code>{{REQUEST_ID}}</code></p>
</div>
</main>
{{>PART_FOOT}}
