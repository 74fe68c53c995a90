{{%AUTOESCAPE context="HTML"}}
<thead role="rowgroup"><tr role="row">
<th class="tick" role="columnheader" scope="col"><span class="vh">[[Tick]]</span></th>
<th class="star" role="columnheader" scope="col"{{#STAR_SORTED}} aria-sort="{{STAR_SORTED}}"{{/STAR_SORTED}}><a href="{{STAR_SORT_URL}}"><span class="vh">[[Star]]</span><svg class="i" aria-hidden="true"><use href="[[@icons]]#star"/></svg></a></th>
<th class="from" role="columnheader" scope="col"{{#PEOPLE_SORTED}} aria-sort="{{PEOPLE_SORTED}}"{{/PEOPLE_SORTED}}><a href="{{PEOPLE_SORT_URL}}">{{PEOPLE}}{{#PEOPLE_SORTED}}<svg class="i" aria-hidden="true"><use href="[[@icons]]#arrow-down"/></svg>{{/PEOPLE_SORTED}}</a></th>
<th class="subj" role="columnheader" scope="col"{{#SUBJECT_SORTED}} aria-sort="{{SUBJECT_SORTED}}"{{/SUBJECT_SORTED}}><a href="{{SUBJECT_SORT_URL}}">[[Subject]]{{#SUBJECT_SORTED}}<svg class="i" aria-hidden="true"><use href="[[@icons]]#arrow-down"/></svg>{{/SUBJECT_SORTED}}</a></th>
<th class="clip" role="columnheader" scope="col"><span class="vh">[[Attachment]]</span></th>
<th class="date" role="columnheader" scope="col"{{#DATE_SORTED}} aria-sort="{{DATE_SORTED}}"{{/DATE_SORTED}}><a href="{{DATE_SORT_URL}}">[[Date]]{{#DATE_SORTED}}<svg class="i" aria-hidden="true"><use href="[[@icons]]#arrow-down"/></svg>{{/DATE_SORTED}}</a></th>
<th class="size" role="columnheader" scope="col"{{#SIZE_SORTED}} aria-sort="{{SIZE_SORTED}}"{{/SIZE_SORTED}}><a href="{{SIZE_SORT_URL}}">[[Size]]{{#SIZE_SORTED}}<svg class="i" aria-hidden="true"><use href="[[@icons]]#arrow-down"/></svg>{{/SIZE_SORTED}}</a></th>
</tr></thead>
