desk-declarations-took = took { $time }
desk-declarations-colour = Code now
desk-declarations-departs = Departure
desk-declarations-destination = Destination
desk-declarations-caption = Declarations; the head of a column sorts this page by it
desk-next = Next case
