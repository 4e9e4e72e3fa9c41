/** Sets the cookie that scripts read of a session, under the name it has where OrdersCookieName is "test"; "" takes it away. */
export function setCsrfCookie(value: string) {
  // biome-ignore lint/suspicious/noDocumentCookie: jsdom has no Cookie Store
  document.cookie = value ? `test-csrf=${value}` : "test-csrf=; Max-Age=0";
}
