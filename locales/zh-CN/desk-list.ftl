desk-declarations-took = 用时 { $time }
desk-declarations-colour = 现在的码
desk-declarations-departs = 出发
desk-declarations-destination = 去哪里
desk-declarations-caption = 健康申报，点列名把本页按这一列排序
desk-next = 下一件
