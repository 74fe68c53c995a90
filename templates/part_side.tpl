{{%AUTOESCAPE context="HTML"}}
{{#SIDE}}<nav class="side" id="side" aria-label="[[Folders]]">
<a class="btn pri write" href="[[@mount]]/compose"><svg class="i" aria-hidden="true"><use href="[[@icons]]#square-pen"/></svg>[[Write]]</a>
{{#FOLDERS_FILTER}}<form class="row sift" action="[[@mount]]/folders/"><label class="vh" for="fq">[[Find a folder]]</label><input class="in grow" id="fq" name="q" type="text" placeholder="[[Find a folder]]"><button class="btn">[[Find]]</button></form>
{{/FOLDERS_FILTER}}{{#FOLDER_GROUP}}{{#GROUP_NAME}}<h2>{{GROUP_NAME}}</h2>
{{/GROUP_NAME}}
{{#FOLDER}}{{#OPEN_LIST}}<ul class="tree">{{/OPEN_LIST}}{{#END_ITEM}}</li>
{{/END_ITEM}}{{#END_LIST}}</ul></li>
{{/END_LIST}}<li>{{#FOLDER_LINK}}<a href="{{FOLDER_LINK}}"{{#FOLDER_CURRENT}} aria-current="page"{{/FOLDER_CURRENT}}>{{/FOLDER_LINK}}{{#FOLDER_PLAIN}}<span class="shut">{{/FOLDER_PLAIN}}<svg class="i" aria-hidden="true"><use href="[[@icons]]#{{FOLDER_ICON}}"/></svg><span class="name"><bdi>{{FOLDER_LABEL}}</bdi></span>{{#FOLDER_UNREAD}} <span class="n">{{FOLDER_UNREAD}}<span class="vh"> [[unread]]</span></span>{{/FOLDER_UNREAD}}{{#FOLDER_TOTAL}} <span class="n dim">{{FOLDER_TOTAL}}<span class="vh"> [[in all]]</span></span>{{/FOLDER_TOTAL}}{{#FOLDER_PLAIN}}</span>{{/FOLDER_PLAIN}}{{#FOLDER_LINK}}</a>{{/FOLDER_LINK}}{{/FOLDER}}{{#END_GROUP}}</li></ul>{{/END_GROUP}}
{{/FOLDER_GROUP}}
<h2>[[More]]</h2>
<ul class="tree"><li><a href="[[@mount]]/folders/"><svg class="i" aria-hidden="true"><use href="[[@icons]]#list-tree"/></svg><span class="name">[[All folders]]</span></a></li><li><a href="[[@mount]]/contacts/"><svg class="i" aria-hidden="true"><use href="[[@icons]]#contact"/></svg><span class="name">[[Contacts]]</span></a></li><li><a href="[[@mount]]/outbox/"><svg class="i" aria-hidden="true"><use href="[[@icons]]#send"/></svg><span class="name">[[Outbox]]</span></a></li></ul>
{{#QUOTA}}<div class="quota"><span id="quota">{{QUOTA}}</span> <meter min="0" max="100" low="80" high="90" optimum="0" value="{{QUOTA_VALUE}}" aria-labelledby="quota">{{QUOTA_VALUE}} %</meter></div>
{{/QUOTA}}<a class="btn close" href="#main"><svg class="i" aria-hidden="true"><use href="[[@icons]]#x"/></svg>[[Close folders]]</a>
</nav>{{/SIDE}}
