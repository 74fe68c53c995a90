{{%AUTOESCAPE context="HTML"}}
<details class="menu"><summary class="btn bare"><svg class="i" aria-hidden="true"><use href="[[@icons]]#folder-input"/></svg><span class="lbl">[[Move]]</span><i class="veil"></i></summary><div class="panel">
<label class="label" for="to">[[To folder]]</label><select id="to" name="to"><option value="">[[Choose…]]</option>{{#TARGET}}<option value="{{TARGET_ADDRESS}}">{{TARGET_LABEL}}</option>{{/TARGET}}</select>
{{#CAN_CHANGE}}<button class="btn bare" name="do" value="move"><svg class="i" aria-hidden="true"><use href="[[@icons]]#folder-input"/></svg>[[Move there]]</button>{{/CAN_CHANGE}} <button class="btn bare" name="do" value="copy"><svg class="i" aria-hidden="true"><use href="[[@icons]]#copy"/></svg>[[Copy there]]</button></div></details>
