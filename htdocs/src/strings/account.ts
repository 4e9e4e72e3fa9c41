export const strings = {
  signIn: "Sign in",
  register: "Create account",
  registerTitle: "Create an account",
  account: "Account",
  newHere: "New here?",
  registerLink: "Create an account",
  haveAccount: "Have an account?",
  signInLink: "Sign in",

  name: "Name",
  email: "Email",
  password: "Password",
  currentPassword: "Current password",
  newPassword: "New password",
  passwordRules: "8 characters or more",
  show: "Show",
  hide: "Hide",
  /** For screen readers, after "Show" or "Hide". */
  thePassword: "password",

  nameMissing: "Enter your name.",
  emailMissing: "Enter your email address.",
  emailWrong: "Enter an email address like name@example.com.",
  emailTaken: "There is an account with this email address. Sign in instead, or use another address.",
  passwordMissing: "Enter your password.",
  passwordTooShort: (missing: number) =>
    `Too short: ${missing === 1 ? "1 more character is" : `${missing} more characters are`} needed. 8 or more make a password.`,
  passwordTooLong: (bytes: number) =>
    `Too long: ${bytes} bytes, and 72 are the most. Letters beyond a–z, such as é, and emoji count as 2 to 4.`,
  passwordSame: "This is the password that you have.",
  passwordWrong: "This is not your password.",

  wrongCredentials: "The email address or the password is wrong.",
  tooManyTries: (wait: string) => `Too many attempts. Try again ${wait}.`,

  ended: "Your session has ended. Sign in to go on; what you typed is kept.",
  signedOut: "You are signed out.",
  cookieDropped: "You are not signed in: your browser dropped the session's cookie.",
  cookieNeedsHttps: (host: string) =>
    `Browsers keep it only on safe connections, and this page came over plain http from ${host}. Open the shop with https; on the machine that it runs on, http://localhost and http://127.0.0.1 will do, too.`,
  cookieBlocked: "Allow cookies for this site, or use another browser, and sign in again.",

  changePassword: "Change password",
  changePasswordHint: "You stay signed in here. All other devices are signed out.",
  passwordChanged: "Password changed",
  role: "Role",
  roles: { customer: "Customer", admin: "Admin" },
  since: "Since",
  signingOut: "Signing out",
  signOutHint: "“Sign out” above signs you out everywhere: on this device and on all others where you are signed in.",
} as const;
