## Verifying documents, and who recognises them.

verify-title = 核验证明和健康码
verify-intro = 粘贴二维码里的文字，或选一张二维码的照片。马上知道真假、是否有效。不用登录，不收费。
verify-text = 以 HC1: 开头的文字
verify-text-hint = 可以整段粘贴，前后有别的字也没关系
verify-image = 或选一张二维码图片
verify-image-hint = JPG 或 PNG，最大 5 MB。拍照时让二维码占画面的一半以上
verify-submit = 核验
verify-scan = 用摄像头扫
verify-about = 核验时会记下什么
verify-about-text = 你看到的是文件上的内容：健康码是遮住的姓名、证件号码后四位、颜色、有效期；返岗证明还有结论、编号、签发时间、目的地、体温；都没有原因。在本页不登录核验，不保存文字和图片。工作人员登录后核验本省的文件，会记下是哪个单位、什么时候看的，本人可以查到。
verify-result = 核验结果
verify-result-title = 核验结果：{ $word }
verify-at = { $time } 核验。结果只代表这一刻。
verify-what-to-do = 怎么办
verify-what-checked = 查了什么
verify-again = 再核验一份
verify-purpose = 核验文件的真伪和有效性
verify-recipient-exchange = 省际核验接口（未登录的核验方）

verify-scan-title = 用摄像头扫码
verify-scan-start = 点“打开摄像头”，把二维码放在画面中间。画面只用来读码，不保存。
verify-scan-look = 正在找二维码，请拿稳，让二维码占画面的一半以上。
verify-scan-refused = 没有得到使用摄像头的许可。可以在浏览器设置里允许，或用下面的办法。
verify-scan-none = 这个浏览器不能用摄像头。请用下面的办法：粘贴文字，或选一张照片。
verify-scan-slow = 还没有读到。请擦净镜头、靠近一点、避开反光；也可以拍一张照片在下面上传。
verify-scan-video = 摄像头画面
verify-scan-go = 打开摄像头
verify-scan-else = 别的办法

## Verdicts

verify-word-valid = 有效
verify-meaning-valid = 可以认这份返岗证明。
verify-do-valid = 请对照身份证上的姓名和号码后四位。一致就可以放行，不要再要别的证明。
verify-word-valid-eu = 有效
verify-meaning-valid-eu = 这份境外证书是真的，在有效期内。
verify-do-valid-eu = 请对照护照上的姓名。是否符合入境规定，按本地的规定看。
verify-word-code-green = 绿码，有效
verify-meaning-code-green = 这是真的绿码，现在有效。
verify-do-code-green = 请对照身份证上的姓名和号码后四位。一致就可以放行。
verify-word-code-yellow = 黄码，有效
verify-meaning-code-yellow = 这是真的黄码，现在有效。
verify-do-code-yellow = 请他打开“我的码”，按上面写的下一步做，或打 12345。不要公开他的信息，不要扣留证件。
verify-word-code-red = 红码，有效
verify-meaning-code-red = 这是真的红码，现在有效。
verify-do-code-red = 请保持距离，打 12345 或联系社区，由工作人员接手。不要公开他的信息，不要扣留证件。
verify-word-expired = 已过期
verify-meaning-expired = 这份文件是真的，但已经过了有效期。
verify-do-expired = 请他打开“我的码”出示现在的码，或续办证明。没有手机的，按身份证登记放行的办法办。
verify-word-not-yet-valid = 还没有生效
verify-meaning-not-yet-valid = 这份文件写的签发时间在以后。
verify-do-not-yet-valid = 请看一下你的手机时间对不对，再请他刷新后重新出示。
verify-word-bad-signature = 签名不对
verify-meaning-bad-signature = 不能凭这份文件放行：内容被改过，或不是签发机构做的。
verify-do-bad-signature = 请他打开“我的码”重新出示。再次不对，请打 12345 报告。不要扣留证件，也不要公开他的信息。
verify-word-unknown-key = 签发方不认识
verify-meaning-unknown-key = 不能判定：签发它的密钥不在互信名单上。
verify-do-unknown-key = 不等于是假的。请看身份证，按没有码的办法登记；也可以打 12345 问。
verify-word-revoked = 已失效
verify-meaning-revoked = 不能凭这份文件放行：签发机构已经宣布它失效。
verify-do-revoked = 请他打开“我的码”看现在的情况，出示最新的一份，或打 12345。不要扣留证件，也不要公开他的信息。
verify-word-suspended = 暂停使用
verify-meaning-suspended = 签发机构暂停了这份文件，现在不能凭它放行。
verify-do-suspended = 请他打开“我的码”，按上面写的下一步做，或打 12345。不要扣留证件，也不要公开他的信息。
verify-word-status-unknown = 暂不能判定
verify-meaning-status-unknown = 文件是真的，但现在查不到它有没有失效。
verify-do-status-unknown = 不是他的错。请过一分钟再核验一次；还是不行，看身份证，按备用办法登记放行。
verify-word-no-agreement = 没有互认
verify-meaning-no-agreement = 签名是真的，但我们和签发省份没有有效的互认协议。
verify-do-no-agreement = 不等于是假的。请按没有码的办法办；他也可以在这里做健康申报，领本省的码。
verify-word-malformed = 读不出来
verify-meaning-malformed = 这不是一份完整的健康文件，没有办法判断。
verify-do-malformed = 请再复制一次整段文字，从 HC1: 开始；或者重新拍一张清楚的照片。

## Facts

verify-row-name = 姓名
verify-row-document = 证件号码后四位
verify-row-kind = 文件
verify-row-issuer = 签发
verify-row-claimed-issuer = 自称签发（未经证实）
verify-row-until = 有效至
verify-row-certificate = 返岗证明编号
verify-row-conclusion = 结论
verify-row-issued = 签发时间
verify-row-destination = 目的地
verify-compare = { $name }（请对照身份证）
verify-not-stated = 没有写
verify-kind-code = 健康码
verify-kind-certificate = 返岗证明
verify-kind-eu = 欧盟新冠数字证书
verify-conclusion-none = 未见异常
verify-conclusion-monitoring = 可以返岗，需要健康监测
verify-conclusion-temperature = { $conclusion }，体温 { $degrees }℃

## Checks

verify-check-readable = 内容完整
verify-check-unreadable = 内容不完整或不是健康文件
verify-check-key = 签发机构有权签发
verify-check-key-note = 密钥属于{ $issuer }
verify-check-key-unknown = 签发方不在互信名单上
verify-check-key-unknown-note = 名单上没有这个签发方的这把密钥
verify-check-signature = 签名是真的
verify-check-forged = 签名不对
verify-check-time = 在有效期内
verify-check-expired = 已经过期
verify-check-early = 还没有生效
verify-check-not-revoked = 没有失效
verify-check-revoked = 已经失效
verify-check-suspended = 已被暂停
verify-check-status-unknown = 查不到是否失效
verify-check-short-lived = 几分钟内刚签发，不用查是否失效
verify-check-agreement = 有互认协议
verify-check-agreement-note = { $number }
verify-check-no-agreement = 没有互认协议
verify-check-home = 本省签发
verify-as-of = 状态更新于 { $day } { $time }
verify-step-prefix = 没有找到以 HC1: 开头的文字
verify-step-base45 = 文字里有缺失或改动（base45）
verify-step-inflate = 文字没有复制完整（解压）
verify-step-cose = 不是签名文件（COSE）
verify-step-cwt = 缺少必须写的内容（CWT）
verify-step-schema = 内容不符合格式（结构）

## What is wrong with what was sent

field-verify-nothing = 请粘贴文字，或选一张图片
field-image-size = 图片不能超过 5 MB，请重新选一张
field-image-type = 这不是 JPG 或 PNG 图片，或者文件坏了，请重新选一张
field-image-pixels = 图片太大了（像素太多），请裁剪或缩小后再试
field-image-no-code = 图片里没有找到二维码。请靠近一点、拿稳、避开反光，再拍一张

## Recognition

recognition-title = 哪些省互相承认
recognition-intro = { $province }和下面的省份签有互认协议。协议写明谁认谁的哪些文件；在协议内的，对方应当认，不用重新办。
recognition-province = 省份
recognition-kind = 承认什么
recognition-direction = 互认方向
recognition-time = 期限
recognition-document = 协议文号
recognition-both = 互相承认
recognition-ours = 对方认我们的
recognition-theirs = 我们认对方的
recognition-open-end = 另行通知为止
recognition-span = { $from } – { $to }
recognition-to-come = 还没开始
recognition-none = 现在没有生效的互认协议
recognition-none-text = 有了新的协议会在这里公布。
recognition-else = 去别的省份
recognition-else-text = 不在上面的省份，出发前请打当地 12345 问清楚。持身份证、纸质证明也可以办，任何单位不得只认手机。
recognition-sent = 两省之间不传送个人信息：对方扫你出示的码，用公钥名单查真假、用失效名单查有没有失效。扫码看到的是遮住的姓名、证件号码后四位、颜色或结论、有效期；返岗证明还有编号、签发时间、目的地和体温。
recognition-sent-title = 对方看到什么
