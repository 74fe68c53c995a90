{{%AUTOESCAPE context="HTML"}}
<a class="brand" href="[[@mount]]/">{{#LOGO_URL}}<img class="logo" src="{{LOGO_URL}}" alt="" height="32">{{/LOGO_URL}}{{#MARK}}<svg class="i mark" aria-hidden="true"><use href="[[@icons]]#alpha"/></svg>{{/MARK}}<span>[[@site_name]]</span></a>
