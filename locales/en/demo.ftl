## The demonstration's sandbox page

demo-sandbox-title = Demonstration: messages and one-time codes
demo-sandbox-lead = Every SMS and e-mail that the two demonstration provinces send is shown here. People and events are invented. Reload the page for the latest.
demo-sandbox-password = Every official’s password is:
demo-sandbox-officials = Officials
demo-sandbox-login = Sign-in name
demo-sandbox-code = One-time code now
demo-sandbox-role = Role
demo-sandbox-office = Office
demo-sandbox-messages = Messages sent
demo-sandbox-none = No messages yet.
