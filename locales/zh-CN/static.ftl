## Public statements. Texts ending in -text may contain markup.

privacy-title = 隐私说明
privacy-lead = 复工通只为疫情防控和复工复产收集必要的信息，只在{ $province }办理这些事时使用。
privacy-what = 收集什么
privacy-what-text = <ul><li>你填写的：姓名、证件、住址、电话、健康状况、14 天内的行程、目的地和用人单位。</li><li>工作人员依法录入的：检测结果、隔离和密接等认定，每一条都写明来源；各县的风险等级。</li><li>为安全留下的：登录的时间和设备，索取验证码和登录的次数（按手机号和网络地址计，防止滥用），每一次查看和决定的记录。</li></ul><p>不收集通讯录、相册和持续定位，不用于商业。</p>
privacy-why = 为什么收集
privacy-why-text = <p>依据《传染病防治法》《突发事件应对法》和《个人信息保护法》：开具证明、判定健康码、审核复工。健康、行程和证件属于敏感信息，开始填写前先说明用途。</p>
privacy-who = 谁能看到
privacy-who-text = <p>处理者是{ $organiser }。工作人员只能看到本单位、本辖区、办理这件事需要的内容，每次打开都有记录。门口核验健康码，看到遮住的姓名、证件号码后四位、颜色和有效期；核验返岗证明，看到证明上的内容；都看不到原因。</p><p>今天没有任何个人信息自动发给外省：对方只在你出示时看到。返岗证明上写的是遮住的姓名、证件号码后四位、结论、编号、签发和有效时间、目的地、体温；健康码上写的是遮住的姓名、证件号码后四位、颜色和有效期。{ $province }和外省之间只公布签发机构的公钥名单和失效名单，里面没有姓名和证件。到<a href="/recognition">互相承认的省份</a>看协议。</p>
privacy-keep = 保存多久
privacy-keep-text = <p>每一类记录都有公开的保存期，见<a href="/rules">公开的规则</a>。最后一天过后，马上不再提供给任何人，凌晨第一个小时内销毁，并公布<a href="/retention">签名的销毁记录</a>。别的记录还需要的，或者有关部门决定暂缓销毁的，会保存更久，<a href="/me/kept">在你的页面上</a>可以看到。审计记录只有编号和代码，没有姓名、证件号、健康信息；法律规定至少保存多久，没有规定最长，记录之间又用哈希相连，删掉一段就不能证明其余没有被改，所以不销毁。你的信息销毁以后，里面的编号不再指向任何人。姓名、证件、电话、申报内容加密保存；数据库备份里也是加密的，由运行单位按备份的期限清除。</p>
privacy-rights = 你的权利
privacy-rights-text = <ul><li><a href="/me">查看和下载你的信息</a>，更正不对的内容</li><li><a href="/me/access">看哪个单位、什么时候查看过你的信息</a></li><li><a href="/me/kept">看保存了什么、到什么时候，法律允许的可以马上删除</a></li><li><a href="/me/for">看谁在为你代办</a>，随时可以终止：你同意代办的人能看到你的申报、健康码和证明，每次办理都会告诉你</li><li><a href="/me/kept">撤回同意</a>：每一项同意都列着日期和说明的版本，随时可以撤回，先看后果再决定；撤回以前已经办的不受影响</li><li>对健康码颜色要求说明，并由没有参与的人员<a href="/code">复核</a></li></ul><p>也可以打 <a href="tel:{ $hotline }">{ $hotline }</a> 或到服务点办理。对答复不满意，可以向网信部门投诉。</p>
privacy-cookies = 浏览器里存什么
privacy-cookies-text = <p>登录状态、防止表单被冒用的随机数、登录到一半时你填的手机号（加密，几分钟后失效）、用哪个手机号登录过的记号（加密，180 天）、工作人员登录过的设备的记号（加密）、办完事的一句提示，以及你选的语言和字号。没有统计代码，不加载任何别处的内容。</p>
accessibility-title = 无障碍声明
accessibility-lead = 每个人都应该能自己办成，包括老人、看不清的人、只用键盘或读屏软件的人。
accessibility-done = 已经做到
accessibility-done-text = <ul><li>按《网页内容无障碍指南》WCAG 2.2 AA 级设计，文字对比度不低于 4.5:1。</li><li>每一页只用键盘就能操作，顺序清楚，焦点看得见。</li><li>颜色从不单独表示意思：健康码还有形状、图案和文字。</li><li>关闭脚本、旧手机、慢网络都能用；只有用摄像头扫码需要脚本，也可以改为传照片或粘贴文字。</li><li>顶部“大字版”放大文字，一次少显示一些。</li></ul>
accessibility-without = 不上网也能办
accessibility-without-text = <p>打 <a href="tel:{ $hotline }">{ $hotline }</a>，或带证件到现住地的乡镇、街道服务点，由工作人员代办；纸质码和身份证与手机同样有效。</p>
accessibility-known = 还不够好的地方
accessibility-known-text = <ul><li>自动检查没有发现问题，但还没有请每天使用读屏软件的人逐页试过。</li><li>摄像头扫码要看着画面对准；读屏软件请用传照片或粘贴文字。</li></ul>
accessibility-tell = 遇到障碍请告诉我们
accessibility-tell-text = <p>打 <a href="tel:{ $hotline }">{ $hotline }</a>，说明是哪一页、用什么设备。</p>
about-title = 关于复工通
about-lead = 复工通帮助{ $province }的人们在疫情期间安全地回到工作岗位。
about-free = 免费
about-free-text = <p>申报、证明、健康码、备案和许可全部免费。有人代办收费或另加条件，请打 12345 举报。</p>
about-people = 规则由人负责
about-people-text = <p>健康码按公开的规则得出，每一种颜色都写明原因、依据、负责的单位和到期时间。使颜色变重的认定，以及提前结束这种认定，须由两名工作人员依法作出，原因限于防疫。数据不足时显示“暂不能判定”，请按身份证登记放行，不会给出猜的颜色。</p>
about-check = 人人可以核对
about-check-text = <p>证明和健康码带有数字签名，<a href="/verify">任何人都能核验</a>；健康申报和复工申请提交后有签名回执；<a href="/rules">全部规则和版本</a>公开。</p>
about-who = 谁在负责
about-who-text = <p>{ $organiser }主办。咨询、投诉、求助：<a href="tel:{ $hotline }">{ $hotline }</a>，全天 24 小时。</p>
